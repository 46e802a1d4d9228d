import type NTPClient from "embedded:network/ntp/client";
import Time from "time";
import Timer from "timer";
import { type Log, messageOf } from "../log/log";

/** A date before this one (2025-01-01T00:00:00Z, in ms) is that of a clock that nobody has set. */
const EARLIEST = 1_735_689_600_000;
const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 300_000;
const DAY = 86_400_000;
/** An answer that takes longer is no answer (ms). */
const DEADLINE = 20_000;

export interface ClockOptions {
	/** `device.network.ntp.client` */
	ntp: { io: typeof NTPClient; servers: string[]; [option: string]: unknown };
	log: Log;
	owner: ClockOwner;
}

export interface ClockOwner {
	/** After each answer of a time server. */
	clockSet(): void;
}

/** True when `Date.now()` can be believed: it was set, or it went on through a restart. */
export function isClockSet(): boolean {
	return Date.now() >= EARLIEST;
}

/** Sets the node's clock from a time server (ECMA-419 §23): once the network is there, then daily. */
export class Clock {
	readonly #options: ClockOptions;
	#client: NTPClient | undefined;
	#timer: Timer | undefined;
	#pause = FIRST_PAUSE;

	constructor(options: ClockOptions) {
		this.#options = options;
	}

	/** Asks now; retries until there was an answer. Does nothing while a question is open. */
	sync(): void {
		if (this.#client) return;
		const { ntp } = this.#options;
		try {
			const client = new ntp.io(ntp as unknown as ConstructorParameters<typeof NTPClient>[0]);
			this.#client = client;
			this.#wait(DEADLINE, () => this.#failed("no answer"));
			client.getTime((error, time) => {
				if (client !== this.#client) return;
				if (error || time === undefined || !(time >= EARLIEST)) this.#failed(messageOf(error ?? "no valid time"));
				else this.#set(time);
			});
		} catch (error) {
			this.#failed(messageOf(error));
		}
	}

	/** The network is gone: no further attempts until `sync`. */
	pause(): void {
		this.#end();
		this.#pause = FIRST_PAUSE;
	}

	close(): void {
		this.#end();
	}

	#set(time: number): void {
		this.#end();
		this.#pause = FIRST_PAUSE;
		Time.set(time / 1000);
		this.#options.log.local("info", `clock: ${new Date().toISOString()}`);
		this.#wait(DAY, () => this.sync());
		this.#options.owner.clockSet();
	}

	#failed(reason: string): void {
		this.#end();
		this.#options.log.local("warn", `clock: ${reason}, next attempt in ${this.#pause / 1000} s`);
		this.#wait(this.#pause, () => this.sync());
		this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
	}

	#end(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		const client = this.#client;
		this.#client = undefined;
		client?.close();
	}

	#wait(milliseconds: number, then: () => void): void {
		Timer.clear(this.#timer);
		this.#timer = Timer.set(() => {
			this.#timer = undefined;
			then();
		}, milliseconds);
	}
}
