/** In place of the SDK's set-up of a board, which drives its LED and button: these are the firmware's. */
export default function (done?: () => void): void {
	done?.();
}
