/** Lines from whoever started the simulator: a file beside its preferences, which is gone once it was read. */

declare const system: {
	/** Where the simulator keeps its own. */
	readonly localDirectory: string;
	fileExists(path: string): boolean;
	readFileString(path: string): string;
	deleteFile(path: string): void;
};

/** Its name; it appears whole, by renaming. */
export const INBOX = "vagalume-orders.txt";

export class Inbox {
	private readonly path = `${system.localDirectory}/${INBOX}`;

	read(): string[] {
		if (!system.fileExists(this.path)) return [];
		const text = system.readFileString(this.path);
		system.deleteFile(this.path);
		return text.split("\n").filter((line) => line !== "");
	}
}
