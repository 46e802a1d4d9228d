import type { Device } from "embedded:provider/builtin";
import Timer from "timer";
import { Clock, type ClockOwner, isClockSet } from "../clock/clock";
import { Uptime } from "../clock/uptime";
import { type CommandSet, Commands } from "../command/commands";
import { type CommandedNode, isInterval, NodeCommands } from "../command/node-commands";
import type { NodeDescription } from "../description/description";
import { topics } from "../description/topics";
import { HomeAssistant } from "../home-assistant/home-assistant";
import { infoOf, VERSION } from "../info/info";
import { type LinePublisher, type Log, messageOf } from "../log/log";
import { Station, type StationOwner } from "../network/station";
import { Outputs } from "../output/outputs";
import type { Channel } from "../sensor/channel";
import { Sensors, type SensorsOwner } from "../sensor/sensors";
import { Saver } from "../storage/saver";
import { Telemetry, type TelemetryOwner } from "../telemetry/telemetry";
import { Updater } from "../update/updater";
import { countBoot, NODE_DOMAIN } from "./boot-count";
import type { Configuration } from "./configuration";
import { type ButtonEvent, Hardware, type HardwareOwner } from "./hardware";
import { EVENT, LINE, STATE } from "./messenger";
import type { NodeSession, OpenSession, SessionOwner } from "./open-session";

/** TLS needs the date; without a time server it is tried all the same after so long (ms). */
const LONGEST_WAIT_FOR_DATE = 30_000;
/** A restart waits at most so long (ms) for the goodbye. */
const LONGEST_GOODBYE = 5000;
const INTERVAL_KEY = "interval";

export interface RunningNodeOptions {
	device: Device;
	description: NodeDescription;
	configuration: Configuration;
	log: Log;
	/** How its MQTT session is made. */
	openSession: OpenSession;
}

/**
 * A node at work: joins its parts, the network and the broker. It samples and reacts without a network, too. Its parts
 * call it back by name, as the owner that they were given: a closure for each would cost the heap ten slots.
 */
export class RunningNode
	implements
		HardwareOwner,
		SessionOwner,
		StationOwner,
		ClockOwner,
		SensorsOwner,
		TelemetryOwner,
		CommandedNode,
		LinePublisher
{
	readonly #device: Device;
	readonly #description: NodeDescription;
	readonly #base: string;
	readonly #secure: boolean;
	readonly #log: Log;
	readonly #bootCount: number;
	readonly #session: NodeSession;
	readonly #hardware: Hardware;
	readonly #leds: Outputs;
	readonly #relays: Outputs;
	readonly #sensors: Sensors;
	readonly #telemetry: Telemetry;
	readonly #commands: Commands;
	readonly #saver: Saver;
	readonly #station: Station;
	readonly #clock: Clock;
	readonly #uptime = new Uptime();
	/** When the node takes releases, or is one on trial. */
	readonly #updater: Updater | undefined;
	/** When node.ts says so. */
	readonly #homeAssistant: HomeAssistant | undefined;
	#waitForDate: Timer | undefined;
	#started = false;
	#leaving = false;

	constructor(options: RunningNodeOptions) {
		const { device, description, configuration, log } = options;
		const { base } = configuration;
		this.#device = device;
		this.#description = description;
		this.#base = base;
		this.#secure = configuration.broker.secure || device.system.settings.token !== undefined;
		this.#log = log;
		// First of all, so that nothing stays switched on from before the boot.
		this.#hardware = new Hardware({ device, description, log, owner: this });
		const { lights, relays } = this.#hardware;

		this.#bootCount = countBoot(device.keyValue, log);
		const session = options.openSession({ device, description, configuration, log, owner: this });
		this.#session = session;
		this.#leds = new Outputs({ kind: "led", members: lights, messenger: session, base, log });
		this.#relays = new Outputs({ kind: "relay", members: relays, messenger: session, base, log });
		const { wifi } = device.system.settings;
		this.#station = new Station({ interface: device.network.interface.WiFi0, wifi, log, owner: this });
		this.#clock = new Clock({ ntp: device.network.ntp.client, log, owner: this });
		this.#sensors = new Sensors({ device, description, log, owner: this });

		this.#saver = new Saver({ storage: device.keyValue, path: NODE_DOMAIN, log });
		const usualInterval = description.telemetry.interval;
		const kept = Number(this.#saver.read(INTERVAL_KEY) || Number.NaN);
		const interval = isInterval(kept) ? kept : usualInterval;
		const durable = description.telemetry.durable ?? false;
		const telemetry = new Telemetry({
			sensors: this.#sensors,
			messenger: session,
			base,
			interval,
			durable,
			log,
			owner: this,
		});
		this.#telemetry = telemetry;
		const sets: CommandSet[] = [new NodeCommands({ node: this, telemetry, lights, usualInterval })];
		const { firmware, settings } = device.system;
		if (firmware && (settings.releaseKeys || firmware.onTrial)) {
			const { name } = description;
			this.#updater = new Updater({ device, name, messenger: session, base, log, owner: this });
			sets.push(this.#updater);
		}
		if (description.homeAssistant) {
			this.#homeAssistant = new HomeAssistant({
				announced: {
					description,
					id: configuration.id,
					base,
					board: device.system.board,
					version: firmware?.version ?? VERSION,
					uniqueId: device.system.uniqueId,
					updates: this.#updater !== undefined,
				},
				messenger: session,
				saver: this.#saver,
				log,
			});
			sets.push(this.#homeAssistant);
		}
		this.#commands = new Commands({ messenger: session, base, log, sets });
		device.system.onShutdown?.((done) => this.stop(done));
	}

	/** Joins the network, and reports. */
	start(): void {
		this.#station.start();
		this.#sensors.open();
		this.#telemetry.start();
	}

	/** Says goodbye to the broker (`offline`), saves, ends everything, then calls `done`. */
	stop(done: () => void): void {
		if (this.#leaving) return;
		this.#leaving = true;
		const session = this.#session;
		this.#telemetry.close();
		this.#sensors.close();
		this.#hardware.save();
		this.#updater?.close();
		this.#homeAssistant?.close();
		if (session.connected) session.publish(topics.status(this.#base), "offline", STATE);
		session.stop(() => {
			this.#close();
			done();
		});
	}

	get signal(): number | undefined {
		return this.#station.signal;
	}
	get freeMemory(): number {
		return this.#device.system.memory().free;
	}
	get uptime(): number {
		return this.#uptime.seconds;
	}

	networkUp(): void {
		this.#clock.sync();
		if (!this.#secure || isClockSet()) this.#startSession();
		else this.#waitForDate ??= Timer.set(() => this.#startSession(), LONGEST_WAIT_FOR_DATE);
	}
	networkDown(): void {
		this.#clock.pause();
	}
	clockSet(): void {
		this.#telemetry.clockSet();
		if (this.#station.up) this.#startSession();
	}

	/** Tells who and how it is. What it published while it was offline goes first. */
	sessionConnected(kept: boolean): void {
		const session = this.#session;
		session.publish(topics.status(this.#base), "online", STATE);
		session.publish(topics.info(this.#base), this.#info(), STATE);
		this.#leds.publishAll();
		this.#relays.publishAll();
		this.#telemetry.publishValues();
		this.#updater?.publish();
		this.#homeAssistant?.connected(kept);
		this.#log.connect(this);
	}

	publishLine(line: string): boolean {
		if (!this.#session.connected) return false;
		this.#session.publish(topics.log(this.#base), line, LINE);
		return true;
	}

	channelChanged(channel: Channel): void {
		this.#telemetry.publishValue(channel);
	}
	recordMade(): void {
		// `Time.ticks` wraps: the uptime has to look at it now and then.
		void this.uptime;
	}

	/** The node itself reacts first; an event for the network is gone while there is none: an old press must not act later. */
	buttonChanged(name: string, event: ButtonEvent): void {
		try {
			if (event === "press") this.#toggle(name);
			if (this.#session.connected)
				this.#session.publish(topics.button(this.#base, name), `{"event_type":"${event}"}`, EVENT);
		} catch (error) {
			this.#log.error(`button "${name}": ${messageOf(error)}`);
		}
	}

	keepInterval(seconds: number | undefined): void {
		this.#saver.write(INTERVAL_KEY, seconds === undefined ? "" : String(seconds));
	}

	/** Once the caller has returned: the command must be acknowledged, or it would come again after the restart. */
	restart(): void {
		const restart = () => this.#device.system.restart();
		Timer.set(() => {
			Timer.set(restart, LONGEST_GOODBYE);
			this.stop(restart);
		}, 0);
	}

	#toggle(name: string): void {
		const target = this.#description.buttons[name]?.toggles;
		if (target === undefined) return;
		const [kind, output] = target.split("/") as [string, string];
		(kind === "led" ? this.#leds : this.#relays).order(output, "TOGGLE");
	}

	#info(): string {
		return infoOf({
			description: this.#description,
			system: this.#device.system,
			bootCount: this.#bootCount,
			channels: this.#sensors.channels,
			commands: this.#commands.names,
		});
	}

	#startSession(): void {
		Timer.clear(this.#waitForDate);
		this.#waitForDate = undefined;
		if (this.#started || this.#leaving) return;
		this.#started = true;
		this.#session.start();
	}

	#close(): void {
		Timer.clear(this.#waitForDate);
		this.#clock.close();
		this.#station.close();
		this.#saver.close();
		this.#hardware.close();
		this.#leds.close();
		this.#relays.close();
	}
}
