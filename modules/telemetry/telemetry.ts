import Timer from "timer";
import { isClockSet } from "../clock/clock";
import { topics } from "../description/topics";
import { type Log, messageOf } from "../log/log";
import { DURABLE_RECORD, type Messenger, RECORD, VALUE } from "../node/messenger";
import type { Channel } from "../sensor/channel";
import type { Sensors } from "../sensor/sensors";

/** The first record waits at most so long (ms) for the clock. */
const LONGEST_WAIT = 3000;

export interface TelemetryOptions {
	sensors: Sensors;
	messenger: Messenger;
	base: string;
	/** Seconds. */
	interval: number;
	/** Records without a connection are kept in flash. */
	durable: boolean;
	log: Log;
	owner: TelemetryOwner;
}

export interface TelemetryOwner {
	/** After each record: for what has to be looked at now and then. */
	recordMade(): void;
}

/**
 * The node's reports: a record of all channels every `interval` seconds, which waits for the connection (QoS 1), and
 * each channel's latest value for dashboards, which does not (QoS 0, retained).
 */
export class Telemetry {
	readonly #options: TelemetryOptions;
	readonly #record: Record<string, number | string | null> = { time: null, seq: 0 };
	#interval: number;
	#seq = 0;
	#timer: Timer | undefined;

	constructor(options: TelemetryOptions) {
		this.#options = options;
		this.#interval = options.interval;
		for (const { name } of options.sensors.channels) this.#record[name] = null;
	}

	/** Seconds from record to record. */
	get interval(): number {
		return this.#interval;
	}

	/** The number of the last record: the first one of a boot is 1. */
	get seq(): number {
		return this.#seq;
	}

	/** The first record comes as soon as the clock is set, and at most 3 s from now. */
	start(): void {
		this.#timer = Timer.set(() => this.#begin(), isClockSet() ? 0 : LONGEST_WAIT);
	}

	/** The clock has been set: no reason to wait any longer. */
	clockSet(): void {
		if (this.#seq === 0 && this.#timer) Timer.schedule(this.#timer, 0);
	}

	/** From now on a record every so many seconds, the next one after that time. */
	setInterval(seconds: number): void {
		this.#interval = seconds;
		if (this.#seq > 0) this.#repeat();
	}

	/** Samples and makes a record, now. */
	report(): void {
		const { sensors, messenger, base, durable, log, owner } = this.#options;
		sensors.sample();
		const record = this.#record;
		this.#seq += 1;
		record.time = isClockSet() ? new Date().toISOString() : null;
		record.seq = this.#seq;
		for (const channel of sensors.channels) record[channel.name] = channel.value;
		try {
			const how = durable && !messenger.connected ? DURABLE_RECORD : RECORD;
			messenger.publish(topics.telemetry(base), JSON.stringify(record), how);
		} catch (error) {
			log.local("error", `record ${this.#seq} not queued: ${messageOf(error)}`);
		}
		this.publishValues();
		owner.recordMade();
	}

	/** Publishes every channel's value: with each record, and after a connect. */
	publishValues(): void {
		for (const channel of this.#options.sensors.channels) this.publishValue(channel);
	}

	publishValue(channel: Channel): void {
		const { messenger, base, log } = this.#options;
		if (channel.value === null || !messenger.connected) return;
		try {
			messenger.publish(topics.channel(base, channel.name), String(channel.value), VALUE);
			channel.told();
		} catch (error) {
			log.local("warn", `value of "${channel.name}" not published: ${messageOf(error)}`);
		}
	}

	close(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
	}

	#begin(): void {
		this.#repeat();
		this.report();
	}

	#repeat(): void {
		Timer.clear(this.#timer);
		this.#timer = Timer.repeat(() => this.report(), Math.round(this.#interval * 1000));
	}
}
