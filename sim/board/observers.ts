import type { I2CTransfer } from "./i2c-bus";

/** How a part looks now: what a panel draws. Names as in node.ts: `led/onboard`, `sensor/climate`. */
export type PartState =
	| { readonly name: string; readonly kind: "led"; readonly pin: number /** 0..1 */; readonly brightness: number }
	| { readonly name: string; readonly kind: "relay"; readonly pin: number; readonly on: boolean }
	| { readonly name: string; readonly kind: "button"; readonly pin: number; readonly pressed: boolean }
	| {
			readonly name: string;
			readonly kind: "strip";
			readonly pin: number;
			/** Red, green, blue of each LED. */
			readonly pixels: Uint8Array;
	  }
	| {
			readonly name: string;
			readonly kind: "sensor";
			readonly driver: string;
			readonly plugged: boolean;
			/** What it measures now, by quantity of the world. */
			readonly values: Readonly<Record<string, number>>;
	  };

/** What `VirtualBoard.on` tells. */
export interface BoardEvents {
	/** A GPIO changed its level, or its PWM duty (0..1). */
	pin: { readonly pin: number; readonly level: 0 | 1; readonly duty: number };
	/** The firmware wrote to the LEDs on a strip's pin. */
	strip: { readonly pin: number; readonly pixels: Uint8Array };
	/** A part changed. */
	part: PartState;
	i2c: I2CTransfer;
	/** A wiring that works by luck, or not at all: a sentence for people. */
	warning: string;
}

/** Listeners by event. Telling nobody costs nothing. */
export class Observers {
	readonly #listeners: { [E in keyof BoardEvents]?: Set<(event: BoardEvents[E]) => void> } = {};

	on<E extends keyof BoardEvents>(event: E, listener: (event: BoardEvents[E]) => void): () => void {
		const listeners = (this.#listeners[event] ??= new Set() as never) as Set<(event: BoardEvents[E]) => void>;
		listeners.add(listener);
		return () => listeners.delete(listener);
	}

	/** True when someone listens: spares making the event. */
	has(event: keyof BoardEvents): boolean {
		return (this.#listeners[event]?.size ?? 0) > 0;
	}

	tell<E extends keyof BoardEvents>(event: E, value: BoardEvents[E]): void {
		const listeners = this.#listeners[event] as Set<(event: BoardEvents[E]) => void> | undefined;
		if (listeners) for (const listener of listeners) listener(value);
	}
}
