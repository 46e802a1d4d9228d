/** Values of one channel that are kept. */
const MOST = 2000;

/**
 * What one channel reported: a bounded number of values. When it is full every other one is left out, so that it reaches
 * back over minutes or over days with the same memory.
 */
export class History {
	/** Date and value, alternately, oldest first. */
	readonly values: number[] = [];
	/** Between two kept values (ms), at least. */
	#spacing = 0;

	/** `date` in ms; a value that follows too soon takes the place of the latest one. */
	add(date: number, value: number): void {
		const { values } = this;
		const before = values.at(-4);
		if (before !== undefined && date - before < this.#spacing) values.length -= 2;
		values.push(date, value);
		if (values.length <= 2 * MOST) return;
		let kept = 0;
		for (let index = 0; index < values.length; index += 4) {
			values[kept++] = values[index]!;
			values[kept++] = values[index + 1]!;
		}
		values.length = kept;
		this.#spacing = (values.at(-2)! - values[0]!) / (kept / 2 - 1);
	}
}
