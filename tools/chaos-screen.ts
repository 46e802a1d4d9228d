const BAR = 30;

/** Shows how far the cells are: a bar for each that runs, on a terminal; a line for each that is over, always. */
export class ChaosScreen {
	readonly #messages: number;
	readonly #cells: number;
	readonly #running = new Map<string, number>();
	readonly #live = process.stderr.isTTY === true;
	#finished = 0;
	#shown = 0;

	/** @param messages of a cell; @param cells in all */
	constructor(messages: number, cells: number) {
		this.#messages = messages;
		this.#cells = cells;
	}

	/** Messages of a cell that are done. */
	progress(name: string, done: number): void {
		this.#running.set(name, done);
		this.#draw();
	}

	/** A cell is over. */
	finished(name: string, line: string): void {
		this.#running.delete(name);
		this.#finished++;
		this.say([line]);
	}

	/** Lines that stay. */
	say(lines: readonly string[]): void {
		this.#wipe();
		process.stdout.write(`${lines.join("\n")}\n`);
		this.#draw();
	}

	#wipe(): void {
		if (this.#shown > 0) process.stderr.write(`\x1b[${this.#shown}A\x1b[J`);
		this.#shown = 0;
	}

	#draw(): void {
		if (!this.#live) return;
		this.#wipe();
		const lines = [...this.#running].map(([name, done]) => {
			const part = Math.min(1, done / this.#messages);
			const full = Math.round(part * BAR);
			return `${"#".repeat(full)}${".".repeat(BAR - full)} ${String(Math.floor(part * 100)).padStart(3)} %  ${name}`;
		});
		if (lines.length === 0) return;
		lines.push(`${this.#finished} of ${this.#cells} cells`);
		process.stderr.write(`${lines.join("\n")}\n`);
		this.#shown = lines.length;
	}
}
