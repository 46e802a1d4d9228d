// Modules of the SDK that only boards have: the SDK has no typings for them.

declare module "neopixel" {
	/** Addressable RGB LEDs, by the remote control peripheral. */
	export default class NeoPixel {
		constructor(options: { pin: number; length: number; order?: string });
		/** 0..255 */
		brightness: number;
		makeRGB(red: number, green: number, blue: number): number;
		setPixel(index: number, color: number): void;
		update(): void;
		close(): void;
	}
}
