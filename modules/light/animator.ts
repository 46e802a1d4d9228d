import Time from "time";
import Timer from "timer";

/** From picture to picture (ms). */
export const FRAME = 40;

export interface Animated {
	/** Shows the next picture, `elapsed` ms after the last one; false when nothing will move any more. */
	frame(elapsed: number): boolean;
}

/** The one timer behind all moving lights. It runs only while something moves. */
export class Animator {
	readonly #moving: Animated[] = [];
	#timer: Timer | undefined;
	#last = 0;

	add(light: Animated): void {
		if (!this.#moving.includes(light)) this.#moving.push(light);
		if (this.#timer) return;
		this.#last = Time.ticks;
		this.#timer = Timer.repeat(() => this.#tick(), FRAME);
	}

	close(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#moving.length = 0;
	}

	#tick(): void {
		const now = Time.ticks;
		const elapsed = Time.delta(this.#last, now);
		this.#last = now;
		const moving = this.#moving;
		for (let i = moving.length - 1; i >= 0; i--) if (!moving[i]!.frame(elapsed)) moving.splice(i, 1);
		if (moving.length === 0) this.close();
	}
}
