import type Digital from "embedded:io/digital";
import Timer from "timer";

export interface PushButtonOptions {
	/** The class, such as `device.io.Digital`. */
	io: typeof Digital;
	pin: number;
	/** `io.InputPullUp` by default: the button connects to ground. */
	mode?: number;
	/** Pressed means low; true by default, false with `io.InputPullDown`. */
	activeLow?: boolean;
	/** A level must last so long (ms) to count: 0..1,000; 30 by default. */
	debounce?: number;
	/** Pressed so long (ms) it is held: 100..60,000; 1,000 by default. */
	hold?: number;
	onPress?(this: PushButton): void;
	onRelease?(this: PushButton): void;
	/** Once for each press that lasts. */
	onHold?(this: PushButton): void;
	target?: unknown;
}

/**
 * A push button on a digital pin, without the bouncing of its contact. `sample` makes it an ECMA-419 §14 Switch. A button that is
 * held down when it is made says nothing until it was released.
 */
export class PushButton {
	declare target: unknown;
	#digital: Digital | undefined;
	readonly #active: number;
	readonly #debounce: number;
	readonly #hold: number;
	readonly #onPress: PushButtonOptions["onPress"];
	readonly #onRelease: PushButtonOptions["onRelease"];
	readonly #onHold: PushButtonOptions["onHold"];
	#pressed: boolean;
	#settling: Timer | undefined;
	#holding: Timer | undefined;

	/** Throws RangeError for a time out of range, and what `io` throws. */
	constructor(options: PushButtonOptions) {
		const { io, pin, mode = io.InputPullUp, debounce = 30, hold = 1000, target } = options;
		check("debounce", debounce, 0, 1000);
		check("hold", hold, 100, 60_000);
		this.#active = (options.activeLow ?? mode !== io.InputPullDown) ? 0 : 1;
		this.#debounce = debounce;
		this.#hold = hold;
		this.#onPress = options.onPress;
		this.#onRelease = options.onRelease;
		this.#onHold = options.onHold;
		if (target !== undefined) this.target = target;
		const digital = new io({ pin, mode, edge: io.Rising + io.Falling, onReadable: () => this.#changed() });
		this.#digital = digital;
		this.#pressed = digital.read() === this.#active;
	}

	/** True while pressed, bouncing apart. */
	get pressed(): boolean {
		if (!this.#digital) throw new Error("push button is closed");
		return this.#pressed;
	}

	/** ECMA-419 §14 Switch: `position` is 1 while pressed. */
	sample(): { position: 0 | 1 } {
		return { position: this.pressed ? 1 : 0 };
	}

	close(): void {
		Timer.clear(this.#settling);
		Timer.clear(this.#holding);
		this.#settling = this.#holding = undefined;
		this.#digital?.close();
		this.#digital = undefined;
	}

	#changed(): void {
		if (this.#settling) Timer.schedule(this.#settling, this.#debounce);
		else this.#settling = Timer.set(() => this.#settled(), this.#debounce);
	}

	#settled(): void {
		this.#settling = undefined;
		const pressed = this.#digital?.read() === this.#active;
		if (pressed === this.#pressed) return;
		this.#pressed = pressed;
		Timer.clear(this.#holding);
		this.#holding = undefined;
		if (!pressed) {
			this.#onRelease?.call(this);
			return;
		}
		this.#holding = Timer.set(() => this.#held(), Math.max(0, this.#hold - this.#debounce));
		this.#onPress?.call(this);
	}

	#held(): void {
		this.#holding = undefined;
		this.#onHold?.call(this);
	}
}

function check(name: string, value: number, low: number, high: number): void {
	if (!(value >= low && value <= high))
		throw new RangeError(`push button: ${name} ${value} ms is outside ${low}..${high}`);
}
