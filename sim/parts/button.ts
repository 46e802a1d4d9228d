import type { Clock, TimerHandle } from "../../hosts/shared/clock";
import type { Level, Pin } from "../board/pin";
import { sequence } from "../world/random";

/** A contact bounces for so many ms at most, in so many jumps. */
const BOUNCE = 4;
const JUMPS = 3;

export interface ButtonOptions {
	readonly clock: Clock;
	readonly pin: Pin;
	/** Pressed means low: it connects to ground. */
	readonly activeLow: boolean;
	/** A resistor outside the chip holds the pin while it is not pressed. */
	readonly resistor: boolean;
	/** Of the bouncing. */
	readonly seed: number;
	/** Told each press and release: the finger's, not the contact's. */
	onChange?(pressed: boolean): void;
}

/** A push button whose contact bounces, as contacts do. */
export class Button {
	readonly #clock: Clock;
	readonly #pin: Pin;
	readonly #active: Level;
	readonly #random: () => number;
	readonly #onChange: ((pressed: boolean) => void) | undefined;
	readonly #timers = new Set<TimerHandle>();
	#lift: TimerHandle | undefined;
	#pressed = false;

	constructor(options: ButtonOptions) {
		this.#clock = options.clock;
		this.#pin = options.pin;
		this.#active = options.activeLow ? 0 : 1;
		this.#random = sequence(options.seed);
		this.#onChange = options.onChange;
		if (options.resistor) this.#pin.resistor(this.#active === 1 ? 0 : 1);
	}

	get pressed(): boolean {
		return this.#pressed;
	}

	/** Presses; with `milliseconds`, lets go after that time. Pressing what is pressed only changes when it is let go. */
	press(milliseconds?: number): void {
		this.#clock.clear(this.#lift);
		this.#lift = undefined;
		if (!this.#pressed) this.#move(true);
		if (milliseconds !== undefined) this.#lift = this.#clock.set(() => this.release(), milliseconds);
	}

	release(): void {
		this.#clock.clear(this.#lift);
		this.#lift = undefined;
		if (this.#pressed) this.#move(false);
	}

	/** Ends its timers. */
	close(): void {
		this.#clock.clear(this.#lift);
		for (const timer of this.#timers) this.#clock.clear(timer);
		this.#timers.clear();
	}

	#move(pressed: boolean): void {
		this.#pressed = pressed;
		for (const timer of this.#timers) this.#clock.clear(timer);
		this.#timers.clear();
		this.#contact(pressed);
		let time = 0;
		for (let jump = 0; jump < JUMPS; jump++) {
			time += (this.#random() * BOUNCE) / JUMPS;
			// An odd number of jumps would end on the wrong side: each is there and back again.
			this.#later(time, () => this.#contact(!pressed));
			this.#later(time + 0.2, () => this.#contact(pressed));
		}
		this.#onChange?.(pressed);
	}

	#later(delay: number, callback: () => void): void {
		const timer = this.#clock.set(() => {
			this.#timers.delete(timer);
			callback();
		}, delay);
		this.#timers.add(timer);
	}

	#contact(closed: boolean): void {
		this.#pin.drive(closed ? this.#active : undefined);
	}
}
