import type { Device } from "embedded:provider/builtin";
import type { LightDescription } from "../description/description";
import { gpioOf } from "../description/pins";
import type { LightStrip } from "../system/system";

/** What a light shines through. */
export interface LightOutput {
	/** `level` is 0..255, a fraction is allowed; the colours are 0..255. */
	show(level: number, red: number, green: number, blue: number): void;
	close(): void;
}

/** Makes the output of a light from the host's IO. Throws when the host does not have what it needs. */
export function openLightOutput(device: Device, board: string, light: LightDescription): LightOutput {
	const pin = gpioOf(board, light.pin) ?? device.pin[light.pin];
	if (pin === undefined) throw new Error(`pin "${light.pin}" is unknown`);
	if (light.kind === "rgb") {
		const { LightStrip } = device.system;
		if (!LightStrip) throw new Error("this host has no LightStrip");
		const strip = new LightStrip({ pin, length: light.length, order: light.order ?? "GRB" });
		return new StripOutput(strip, light.length, light.gamma ?? 1);
	}
	if (light.kind === "on-off") return new SwitchedOutput(device, pin, light.activeLow ?? false);
	return new PwmOutput(device, pin, light.activeLow ?? false, light.hz ?? 1000, light.gamma ?? 1);
}

class SwitchedOutput implements LightOutput {
	readonly #digital;
	readonly #inverted: number;
	#shown = 0;

	constructor(device: Device, pin: number, activeLow: boolean) {
		const { Digital } = device.io;
		this.#inverted = activeLow ? 1 : 0;
		this.#digital = new Digital({ pin, mode: Digital.Output, initialValue: activeLow ? 1 : 0 });
	}
	show(level: number): void {
		const value = level > 0 ? 1 : 0;
		if (value === this.#shown) return;
		this.#shown = value;
		this.#digital.write(value ^ this.#inverted);
	}
	close(): void {
		this.#digital.close();
	}
}

class PwmOutput implements LightOutput {
	readonly #pwm;
	readonly #top: number;
	readonly #inverted: boolean;
	readonly #gamma: number;
	#shown = -1;

	constructor(device: Device, pin: number, activeLow: boolean, hz: number, gamma: number) {
		this.#pwm = new device.io.PWM({ pin, hz });
		this.#top = 2 ** this.#pwm.resolution - 1;
		this.#inverted = activeLow;
		this.#gamma = gamma;
		this.show(0);
	}
	show(level: number): void {
		const lit = level >= 1 ? 1 : 0;
		const duty = Math.max(lit, Math.round(corrected(level / 255, this.#gamma) * this.#top));
		if (duty === this.#shown) return;
		this.#shown = duty;
		this.#pwm.write(this.#inverted ? this.#top - duty : duty);
	}
	close(): void {
		this.#pwm.close();
	}
}

class StripOutput implements LightOutput {
	readonly #strip: LightStrip;
	readonly #pixels: Uint8Array;
	readonly #gamma: number;
	#shown = -1;

	constructor(strip: LightStrip, length: number, gamma: number) {
		this.#strip = strip;
		this.#pixels = new Uint8Array(length * 3);
		this.#gamma = gamma;
		this.show(0, 0, 0, 0);
	}
	show(level: number, red: number, green: number, blue: number): void {
		const r = this.#byte(level, red);
		const g = this.#byte(level, green);
		const b = this.#byte(level, blue);
		const color = (r << 16) | (g << 8) | b;
		if (color === this.#shown) return;
		this.#shown = color;
		const pixels = this.#pixels;
		for (let i = 0; i < pixels.length; i += 3) {
			pixels[i] = r;
			pixels[i + 1] = g;
			pixels[i + 2] = b;
		}
		this.#strip.write(pixels);
	}
	close(): void {
		this.#strip.close();
	}
	#byte(level: number, color: number): number {
		return Math.round(corrected((level * color) / 65_025, this.#gamma) * 255);
	}
}

function corrected(fraction: number, gamma: number): number {
	return gamma === 1 ? fraction : fraction ** gamma;
}
