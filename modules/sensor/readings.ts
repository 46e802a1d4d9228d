import type { Sample } from "embedded:sensor/_common";
import type { SensorDriver } from "./sensor";

/** What the node can say about itself. */
export interface NodeReadings {
	/** Wi-Fi signal strength in dBm; undefined while not connected. */
	readonly signal: number | undefined;
	/** Free memory in bytes. */
	readonly freeMemory: number;
	/** Seconds since the boot. */
	readonly uptime: number;
}

export type ReadingName = "rssi" | "heap" | "uptime";

/** One of the node's own readings, in the form of a sensor driver. */
export class Reading implements SensorDriver {
	readonly #name: ReadingName;
	readonly #readings: NodeReadings;

	constructor(name: ReadingName, readings: NodeReadings) {
		this.#name = name;
		this.#readings = readings;
	}

	/** `signal` (dBm), `free` (bytes) or `uptime` (s); undefined when there is none. */
	sample(): Sample | undefined {
		if (this.#name === "heap") return { free: this.#readings.freeMemory };
		if (this.#name === "uptime") return { uptime: this.#readings.uptime };
		const { signal } = this.#readings;
		return signal === undefined ? undefined : { signal };
	}

	close(): void {}
}
