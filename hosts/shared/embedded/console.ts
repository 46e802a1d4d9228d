/** The global `console`: lines on the host's console. */
function write(...values: unknown[]): void {
	trace(`${values.map(String).join(" ")}\n`);
}

export default Object.freeze({ log: write, debug: write, info: write, warn: write, error: write });
