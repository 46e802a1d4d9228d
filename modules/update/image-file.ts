/** The file of an image within a release's folder, on the owner's computer and on a server. */
export function imageFile(board: string): string {
	return `${board.split("/").join("-")}.bin`;
}
