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
	#announced = false;
	/** Until then none follows; or the one that is due. */
	#timer: Timer | undefined;
	#due = false;

	constructor(options: HomeAssistantOptions) {
		const { announced, messenger, saver } = options;
		this.#options = options;
		this.#prefix = announced.description.homeAssistant?.prefix ?? DISCOVERY_PREFIX;
		this.#enabled = saver.read(KEY) !== "off";
		messenger.on(homeAssistant.status(this.#prefix), 0, (message) => this.#heard(message));
	}

	/** The broker accepted the connection; `kept`: with the session of before. */
	connected(kept: boolean): void {
		if (!kept || !this.#announced) this.#schedule(AFTER_CONNECT);
	}

	close(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
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
			if (enabled) this.#schedule(0);
			else this.#remove();
		}
		return { enabled: this.#enabled };
	}

	#heard({ payload }: IncomingMessage): void {
		// "online", without a text of it: anybody may say much here.
		if (payload.length !== 6 || payload[0] !== 0x6f || payload[1] !== 0x6e) return;
		const { random = Math.random } = this.#options;
		this.#schedule(random() * AFTER_BIRTH);
	}

	#schedule(delay: number): void {
		if (!this.#enabled || this.#due) return;
		this.#due = true;
		// While it pauses, it is due at the end of that.
		this.#timer ??= Timer.set(() => this.#elapsed(), delay);
	}

	#elapsed(): void {
		this.#timer = undefined;
		if (!this.#due) return;
		this.#due = false;
		if (this.#enabled) this.#announce();
		this.#timer = Timer.set(() => this.#elapsed(), PAUSE);
	}

	#announce(): void {
		const { announced, messenger, log } = this.#options;
		this.#announced = false;
		try {
			// What is not sent now follows the next connection.
			messenger.stream(homeAssistant.device(this.#prefix, announced.id), new Announcement(announced), {
				retain: true,
				onFate: (fate, error) => {
					this.#announced = fate === "delivered";
					if (error) log.warn(`Home Assistant: not announced: ${messageOf(error)}`);
				},
			});
		} catch (error) {
			log.warn(`Home Assistant: not announced: ${messageOf(error)}`);
		}
	}

	/** An empty retained message takes the device away, from the broker, too. */
	#remove(): void {
		const { announced, messenger } = this.#options;
		this.#announced = false;
		messenger.publish(homeAssistant.device(this.#prefix, announced.id), "", STATE);
	}
}
