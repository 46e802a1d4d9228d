import Timer from "timer";
import type { Arguments, CommandSet } from "../command/commands";
import { DISCOVERY_PREFIX, homeAssistant } from "../description/topics";
import { type Log, messageOf } from "../log/log";
import { type IncomingMessage, type Messenger, STATE } from "../node/messenger";
import { quote } from "../output/payload";
import type { Saver } from "../storage/saver";
import { Announcement } from "./announcement";
import type { Announced } from "./entities";

const NAMES = Object.freeze(["discovery"]);
const ARGUMENTS = Object.freeze(["enabled"]);
const KEY = "discovery";
/** States go first (ms). */
const AFTER_CONNECT = 500;
/** When Home Assistant starts, all nodes hear it: each answers within so long (ms). */
const AFTER_BIRTH = 5_000;
/** From one announcement to the next (ms): whoever says `online` again and again hears no more than that. */
const PAUSE = 10_000;
/** A broker may end the connection on what is too large for it: the n-th attempt after that waits 4^n as long (ms), up to so long. */
const LONGEST_WAIT = 3_600_000;

export interface HomeAssistantOptions {
	announced: Announced;
	messenger: Messenger;
	/** Keeps that its owner wants no announcement. */
	saver: Saver;
	log: Log;
	/** 0..1; `Math.random` when omitted. */
	random?: () => number;
}

/**
 * Tells Home Assistant what this node is: after the boot's first connection, when the broker has lost the session, and
 * when Home Assistant has started. `command/discovery` takes it back, and gives it again.
 */
export class HomeAssistant implements CommandSet {
	readonly #options: HomeAssistantOptions;
	readonly #prefix: string;
	#enabled: boolean;
	/** The broker has the announcement, and the connection outlived it. */
	#announced = false;
	/** It was handed to the network less than a pause ago. */
	#sent = false;
	/** Attempts in a row that the connection did not outlive. */
	#failures = 0;
	/** The announcement that is due. */
	#next: Timer | undefined;
	/** Until then none follows. */
	#pause: Timer | undefined;
	/** One follows so long (ms) after the pause. */
	#waiting: number | undefined;

	constructor(options: HomeAssistantOptions) {
		const { announced, messenger, saver } = options;
		this.#options = options;
		this.#prefix = announced.description.homeAssistant?.prefix ?? DISCOVERY_PREFIX;
		this.#enabled = saver.read(KEY) !== "off";
		messenger.on(homeAssistant.status(this.#prefix), 0, (message) => this.#heard(message));
	}

	/** The broker accepted the connection; `kept`: with the session of before. */
	connected(kept: boolean): void {
		if (this.#sent) this.#failed();
		if (kept && this.#announced) return;
		this.#announced = false;
		this.#schedule(Math.min(LONGEST_WAIT, AFTER_CONNECT * 4 ** this.#failures));
	}

	close(): void {
		// What is heard from now on leads to nothing.
		this.#enabled = false;
		Timer.clear(this.#next);
		Timer.clear(this.#pause);
		this.#next = this.#pause = undefined;
	}

	get names(): readonly string[] {
		return NAMES;
	}

	argumentsOf(): readonly string[] {
		return ARGUMENTS;
	}

	/** @throws Error `enabled` is no boolean */
	run(_name: string, { enabled }: Arguments): unknown {
		if (enabled !== undefined && typeof enabled !== "boolean")
			throw new Error(`enabled ${quote(enabled)} is not true or false`);
		if (enabled !== undefined) {
			this.#enabled = enabled;
			this.#options.saver.write(KEY, enabled ? "" : "off");
			if (enabled) this.#schedule(0, true);
			else this.#remove();
		}
		return { enabled: this.#enabled };
	}

	#heard({ payload }: IncomingMessage): void {
		// "online", without a text of it: anybody may say much here.
		if (payload.length !== 6 || payload[0] !== 0x6f || payload[1] !== 0x6e) return;
		const { random = Math.random } = this.#options;
		this.#schedule(random() * AFTER_BIRTH, true);
	}

	/** What is due stays as it is; `anew`: unless it waits because others failed. */
	#schedule(delay: number, anew = false): void {
		if (!this.#enabled) return;
		if (this.#pause) this.#waiting = Math.min(delay, this.#waiting ?? delay);
		else if (!this.#next || (anew && this.#failures > 0)) {
			Timer.clear(this.#next);
			this.#next = Timer.set(() => this.#announce(), delay);
		}
	}

	#announce(): void {
		const { announced, messenger, log } = this.#options;
		this.#next = undefined;
		if (!this.#enabled) return;
		this.#announced = false;
		this.#pause = Timer.set(() => this.#paused(), PAUSE);
		try {
			// Without a connection nothing is sent: the next one brings it.
			messenger.stream(homeAssistant.device(this.#prefix, announced.id), new Announcement(announced), {
				retain: true,
				onFate: (fate, error) => {
					this.#sent = fate === "delivered";
					if (fate === "unknown") this.#failed();
					if (error) log.warn(`Home Assistant: not announced: ${messageOf(error)}`);
				},
			});
		} catch (error) {
			log.warn(`Home Assistant: not announced: ${messageOf(error)}`);
		}
	}

	#paused(): void {
		this.#pause = undefined;
		if (this.#sent) {
			this.#sent = false;
			this.#announced = true;
			this.#failures = 0;
		}
		const delay = this.#waiting;
		this.#waiting = undefined;
		if (delay !== undefined) this.#schedule(delay);
	}

	#failed(): void {
		this.#sent = false;
		this.#failures++;
		this.#options.log.local("warn", "Home Assistant: the connection broke on the announcement");
	}

	/** An empty retained message takes the device away, from the broker, too. */
	#remove(): void {
		const { announced, messenger } = this.#options;
		this.#announced = this.#sent = false;
		messenger.publish(homeAssistant.device(this.#prefix, announced.id), "", STATE);
	}
}
