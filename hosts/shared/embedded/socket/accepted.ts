/** Stands for the options of a TCP socket whose connection exists already. Scripts cannot reach this class. */
export class Accepted {
	readonly handle: number;

	constructor(handle: number) {
		this.handle = handle;
	}
}
