import type { Sensor as Driver, Sample } from "embedded:sensor/_common";
import { type Log, messageOf } from "../log/log";
import type { Channel } from "./channel";

/** The part of a sensor driver (ECMA-419 §13) that a node uses. */
export type SensorDriver = Pick<Driver, "sample" | "close">;

/** Whom a driver tells what it could not return. */
export interface DriverOwner {
	complain(error: unknown): void;
	/** The driver has a sample that it could not give at once. */
	sampled(): void;
}

/** What the sensors of a node share. */
export interface SensorContext {
	readonly log: Log;
	/** Makes the driver of a sensor: now, and again after it failed. */
	openDriver(sensor: Sensor): SensorDriver;
	/** New values have come. */
	valuesCame(sensor: Sensor): void;
}

/**
 * One part on the node. It fails alone: the failure is said once, its channels are null, and each further sample tries
 * it anew from the start, as a part that was unplugged needs.
 */
export class Sensor implements DriverOwner {
	readonly name: string;
	readonly channels: readonly Channel[];
	readonly #context: SensorContext;
	#driver: SensorDriver | undefined;
	#failure: string | undefined;
	#complaint: string | undefined;

	constructor(name: string, channels: readonly Channel[], context: SensorContext) {
		this.name = name;
		this.channels = channels;
		this.#context = context;
	}

	/** Makes the driver, so that a part which needs time to measure has it before the first sample. Never throws. */
	open(): void {
		try {
			this.#driver ??= this.#context.openDriver(this);
		} catch (error) {
			this.#fail(messageOf(error));
		}
	}

	/** Takes a sample into the channels. Never throws. */
	sample(): void {
		try {
			this.#driver ??= this.#context.openDriver(this);
			const sample = this.#driver.sample();
			if (sample !== undefined) this.#take(sample);
			else if (this.#complaint !== undefined) this.#fail(this.#complaint);
			else this.#clear();
		} catch (error) {
			this.#fail(messageOf(error));
		}
	}

	close(): void {
		const driver = this.#driver;
		this.#driver = undefined;
		try {
			driver?.close();
		} catch (error) {
			this.#context.log.debug(`sensor "${this.name}": ${messageOf(error)}`);
		}
	}

	complain(error: unknown): void {
		this.#complaint = messageOf(error);
	}

	sampled(): void {
		if (this.#driver) this.sample();
	}

	#take(sample: Sample): void {
		for (const channel of this.channels)
			if (!channel.take(sample)) {
				this.#fail(this.#complaint ?? `no ${channel.missing} in its sample`);
				return;
			}
		this.#complaint = undefined;
		if (this.#failure !== undefined) {
			this.#failure = undefined;
			this.#context.log.info(`sensor "${this.name}": works again`);
		}
		this.#context.valuesCame(this);
	}

	#clear(): void {
		for (const channel of this.channels) channel.clear();
	}

	#fail(reason: string): void {
		this.close();
		this.#complaint = undefined;
		this.#clear();
		if (this.#failure === undefined) this.#context.log.error(`sensor "${this.name}": ${reason}`);
		this.#failure = reason;
	}
}
