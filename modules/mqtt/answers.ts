import Time from "time";
import Timer from "timer";

/** Who waits for answers. */
export interface AnswersOwner {
	/** The broker owes an answer. */
	readonly owed: boolean;
	/** A packet is still on its way: a large one may take its time. */
	readonly busy: boolean;
	/** The broker owes an answer, and sent none for so many ms. */
	unanswered(limit: number): void;
}

/** Notices that the broker does not answer. One timer for all answers: one that comes only moves the time from which it counts. */
export class Answers {
	readonly #owner: AnswersOwner;
	readonly #limit: number;
	#timer: Timer | undefined;
	/** When the last answer came, or the first one was due. */
	#since = 0;

	/** @param limit how long the broker may take, in ms */
	constructor(owner: AnswersOwner, limit: number) {
		this.#owner = owner;
		this.#limit = limit;
	}

	/** The broker owes an answer from now on; `owed`: it owed one before. */
	expect(owed: boolean): void {
		if (!owed) this.#since = Time.ticks;
		if (!this.#timer) this.wait(this.#limit);
	}

	/** One came. */
	came(): void {
		this.#since = Time.ticks;
	}

	clear(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
	}

	private wait(delay: number): void {
		this.#timer = Timer.set(() => {
			this.#timer = undefined;
			const owner = this.#owner;
			if (!owner.owed) return;
			const rest = this.#limit - Time.delta(this.#since);
			// Whether a large packet moves, keep-alive watches.
			if (owner.busy) this.wait(this.#limit);
			else if (rest > 0) this.wait(rest);
			else owner.unanswered(this.#limit);
		}, delay);
	}
}
