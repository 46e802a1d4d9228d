import type Digital from "embedded:io/digital";
import type { Output } from "../output/outputs";
import { quote } from "../output/payload";
import type { Saver } from "../storage/saver";

export interface RelayOptions {
	name: string;
	digital: Pick<Digital, "write" | "close">;
	activeLow: boolean;
	saver?: Saver;
}

/** One relay: on or off. Off at boot unless it restores. */
export class Relay implements Output {
	readonly name: string;
	readonly #digital: RelayOptions["digital"];
	readonly #inverted: number;
	readonly #saver: Saver | undefined;
	#on = false;

	constructor(options: RelayOptions) {
		this.name = options.name;
		this.#digital = options.digital;
		this.#inverted = options.activeLow ? 1 : 0;
		this.#saver = options.saver;
		if (options.saver?.read(options.name) === "ON") this.#switch(true);
	}

	/** `ON` or `OFF` */
	get state(): string {
		return this.#on ? "ON" : "OFF";
	}

	/** Obeys `ON`, `OFF` or `TOGGLE`; throws on anything else. */
	obey(order: string): void {
		if (order === "ON") this.#switch(true);
		else if (order === "OFF") this.#switch(false);
		else if (order === "TOGGLE") this.#switch(!this.#on);
		else throw new Error(`${quote(order)} is not ON, OFF or TOGGLE`);
		this.#saver?.write(this.name, this.state);
	}

	close(): void {
		this.#digital.close();
	}

	#switch(on: boolean): void {
		this.#digital.write((on ? 1 : 0) ^ this.#inverted);
		this.#on = on;
	}
}
