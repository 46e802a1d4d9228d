import type { Device } from "embedded:provider/builtin";
import Timer from "timer";
import type { ChannelDescription, NodeDescription } from "../description/description";
import type { Log } from "../log/log";
import { Channel } from "./channel";
import { openDriver } from "./open-driver";
import type { NodeReadings } from "./readings";
import { Sensor, type SensorContext, type SensorDriver } from "./sensor";

/** Whom the sensors tell, and ask about the node itself. */
export interface SensorsOwner extends NodeReadings {
	/** A channel has moved further than its threshold since it was last told. */
	channelChanged(channel: Channel): void;
}

export interface SensorsOptions {
	device: Device;
	description: NodeDescription;
	log: Log;
	owner: SensorsOwner;
}

/** All sensors of a node. Those with an interval of their own sample by themselves, the others with telemetry. */
export class Sensors implements SensorContext {
	/** All channels, in the order of node.ts. */
	readonly channels: readonly Channel[];
	readonly log: Log;
	readonly #device: Device;
	readonly #description: NodeDescription;
	readonly #owner: SensorsOwner;
	readonly #all: Sensor[] = [];
	readonly #timers: Timer[] = [];

	constructor(options: SensorsOptions) {
		const { description } = options;
		this.log = options.log;
		this.#device = options.device;
		this.#description = description;
		this.#owner = options.owner;
		const all: Channel[] = [];
		for (const name of Object.keys(description.sensors)) {
			const { channels, interval } = description.sensors[name]!;
			const own: Channel[] = [];
			for (const channel of Object.keys(channels))
				own.push(new Channel(channel, (channels as Record<string, ChannelDescription>)[channel]!));
			all.push(...own);
			const sensor = new Sensor(name, own, this);
			this.#all.push(sensor);
			if (interval !== undefined) this.#timers.push(Timer.set(() => sensor.sample(), 0, Math.round(interval * 1000)));
		}
		this.channels = all;
	}

	/** Makes the drivers: the parts measure from now on. */
	open(): void {
		for (const sensor of this.#all) sensor.open();
	}

	/** Samples the sensors that have no interval of their own. */
	sample(): void {
		const { sensors } = this.#description;
		for (const sensor of this.#all) if (sensors[sensor.name]?.interval === undefined) sensor.sample();
	}

	openDriver(sensor: Sensor): SensorDriver {
		return openDriver({
			device: this.#device,
			board: this.#description.board,
			sensor: this.#description.sensors[sensor.name]!,
			readings: this.#owner,
			owner: sensor,
		});
	}

	valuesCame(sensor: Sensor): void {
		for (const channel of sensor.channels) if (channel.changed) this.#owner.channelChanged(channel);
	}

	close(): void {
		for (const timer of this.#timers) Timer.clear(timer);
		this.#timers.length = 0;
		for (const sensor of this.#all) sensor.close();
	}
}
