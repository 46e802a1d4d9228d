import { COLOR_MODE, type Effect, type LightKind } from "../description/lights";
import type { Log } from "../log/log";
import type { Output } from "../output/outputs";
import type { Saver } from "../storage/saver";
import type { Animated, Animator } from "./animator";
import { type LightOrder, type LightState, parseLightOrder } from "./light-order";
import type { LightOutput } from "./light-output";

const BLINK = 1000;
const PULSE = 2000;
const FADE = 6000;
/** From one lighting up of a flash to the next (ms). */
const FLASH_PERIOD = 500;

export interface LightOptions {
	name: string;
	kind: LightKind;
	output: LightOutput;
	animator: Animator;
	log: Log;
	/** Where the state survives a restart: given for lights that say `boot: "restore"`. */
	saver?: Saver;
}

/** One light: obeys orders, shows effects, tells its state. Off at boot unless it restores. */
export class Light implements Output, Animated {
	readonly name: string;
	readonly kind: LightKind;
	readonly #output: LightOutput;
	readonly #animator: Animator;
	readonly #saver: Saver | undefined;
	readonly #target: LightState = { on: false, brightness: 255, red: 255, green: 255, blue: 255, effect: "none" };
	/** What shines now, effects apart: the end of the last transition or a point on its way. */
	#level = 0;
	#red = 255;
	#green = 255;
	#blue = 255;
	#transition = 0;
	#phase = 0;
	#flash = 0;

	constructor(options: LightOptions) {
		this.name = options.name;
		this.kind = options.kind;
		this.#output = options.output;
		this.#animator = options.animator;
		this.#saver = options.saver;
		const saved = options.saver?.read(options.name);
		if (saved === undefined) return;
		try {
			this.#take(parseLightOrder(saved, this.kind, this.#target));
		} catch (error) {
			options.log.warn(`led "${this.name}": saved state ignored: ${(error as Error).message}`);
		}
	}

	/** Home Assistant's JSON light schema. */
	get state(): string {
		const { on, brightness, red, green, blue, effect } = this.#target;
		let json = on ? '{"state":"ON"' : '{"state":"OFF"';
		if (this.kind !== "on-off") json += `,"brightness":${brightness}`;
		json += `,"color_mode":"${COLOR_MODE[this.kind]}"`;
		if (this.kind === "rgb") json += `,"color":{"r":${red},"g":${green},"b":${blue}}`;
		return `${json},"effect":"${effect}"}`;
	}

	/** Obeys an order. Throws an Error that says what is wrong with it, and then changes nothing. */
	obey(order: string): void {
		this.#take(parseLightOrder(order, this.kind, this.#target));
		this.#saver?.write(this.name, this.state);
	}

	/** Flashes at full brightness for so many ms, then shows its state again. */
	identify(milliseconds: number): void {
		this.#flash = milliseconds;
		this.#phase = 0;
		this.#show();
		this.#animator.add(this);
	}

	frame(elapsed: number): boolean {
		this.#phase += elapsed;
		if (this.#flash > 0) {
			this.#flash = Math.max(0, this.#flash - elapsed);
			if (this.#flash === 0) this.#phase = 0;
		} else if (this.#transition > 0) this.#move(elapsed);
		this.#show();
		return this.#flash > 0 || this.#transition > 0 || this.#target.effect !== "none";
	}

	close(): void {
		this.#output.close();
	}

	#take(order: LightOrder): void {
		const target = this.#target;
		target.on = order.on;
		target.brightness = order.brightness;
		target.red = order.red;
		target.green = order.green;
		target.blue = order.blue;
		target.effect = order.effect;
		this.#transition = order.transition * 1000;
		this.#flash = order.flash * 1000;
		this.#phase = 0;
		if (this.#transition === 0) this.#arrive();
		this.#show();
		if (this.#flash > 0 || this.#transition > 0 || target.effect !== "none") this.#animator.add(this);
	}

	#arrive(): void {
		const { on, brightness, red, green, blue } = this.#target;
		this.#level = on ? brightness : 0;
		this.#red = red;
		this.#green = green;
		this.#blue = blue;
	}

	/** One step of the transition: the part of the way that `elapsed` is of the time left. */
	#move(elapsed: number): void {
		const part = elapsed / this.#transition;
		this.#transition = Math.max(0, this.#transition - elapsed);
		if (this.#transition === 0) {
			this.#arrive();
			return;
		}
		const { on, brightness, red, green, blue } = this.#target;
		this.#level += ((on ? brightness : 0) - this.#level) * part;
		this.#red += (red - this.#red) * part;
		this.#green += (green - this.#green) * part;
		this.#blue += (blue - this.#blue) * part;
	}

	#show(): void {
		if (this.#flash > 0) {
			const level = this.#phase % FLASH_PERIOD < FLASH_PERIOD / 2 ? 255 : 0;
			this.#output.show(level, this.#red, this.#green, this.#blue);
		} else {
			const level = this.#level * strength(this.#target.effect, this.#phase);
			this.#output.show(level, this.#red, this.#green, this.#blue);
		}
	}
}

/** The part (0..1) of the brightness that an effect shows `phase` ms after its start. */
function strength(effect: Effect, phase: number): number {
	if (effect === "blink") return phase % BLINK < BLINK / 2 ? 1 : 0;
	if (effect === "pulse") return (1 + Math.cos(((phase % PULSE) / PULSE) * 2 * Math.PI)) / 2;
	if (effect === "fade") return Math.abs(1 - ((phase % FADE) / FADE) * 2);
	return 1;
}
