/** A node for the panel without firmware: the real board, world and description, and a few lines that stand for the rest. */
import mqttPacket from "mqtt-packet";
import { RealClock } from "../../hosts/desktop/clock";
import type { Clock } from "../../hosts/shared/clock";
import { digitalMode } from "../../hosts/shared/operations/board";
import type { NodeDescription } from "../../modules/description/description";
import { gpioOf } from "../../modules/description/pins";
import { baseOf, topics } from "../../modules/description/topics";
import { type LightState, parseLightOrder } from "../../modules/light/light-order";
import node from "../../node";
import { Workbench } from "../../sim/board/workbench";
import { MessageLog } from "../../sim/message-log";
import { Line } from "../../sim/network/line";
import { PacedClock } from "../../sim/paced-clock";
import type { NodeEvent, PanelNode, PanelWifi } from "../../sim/panel/panel-node";
import { World } from "../../sim/world/world";

/** Bits of PWM. */
const RESOLUTION = 10;

export class FakePanelNode implements PanelNode {
	readonly id: string;
	readonly description: NodeDescription;
	readonly workbench: Workbench;
	readonly world: World;
	readonly wifi: PanelWifi & { up: boolean; RSSI: number | undefined };
	readonly line = new Line(1);
	readonly time = new PacedClock();
	order: ((topic: string, payload: string) => void) | undefined;
	/** What was done to it: `powerCut`, `order ...`. */
	readonly done: string[] = [];
	on = true;
	readonly #clock: Clock;
	readonly #listeners = new Set<(event: NodeEvent) => void>();
	readonly #wire = new MessageLog({
		onMessage: () => {},
		onPacket: (packet) => this.#tell({ type: "packet", date: this.date(), packet }),
	});
	readonly #outputs = new Map<string, (order: string) => string>();
	#seq = 0;
	#used = 41_208;
	#peak = 44_960;

	constructor({ id = node.id, description = node as NodeDescription, clock = new RealClock() as Clock } = {}) {
		this.id = id;
		this.description = description;
		this.#clock = clock;
		this.world = new World({ clock, seed: 1 });
		this.workbench = new Workbench(description, { clock, world: this.world, seed: 1 });
		this.wifi = {
			up: true,
			RSSI: -57,
			down: () => {
				this.done.push("wifi down");
				this.wifi.up = false;
				this.wifi.RSSI = undefined;
			},
			restore: () => {
				this.done.push("wifi restore");
				this.wifi.up = true;
				this.wifi.RSSI = -57;
			},
			setSignal: (dBm) => {
				this.done.push(`wifi signal ${dBm}`);
				this.wifi.RSSI = dBm;
			},
		};
		this.order = (topic, payload) => {
			this.done.push(`order ${topic} ${payload}`);
			this.#take(topic, payload);
		};
		this.#boot();
	}

	get listeners(): number {
		return this.#listeners.size;
	}

	powerCut(): void {
		this.done.push("powerCut");
		this.on = false;
		this.#tell({ type: "power", on: false, reason: "power cut" });
		this.workbench.board.boot({ now: () => this.#clock.now(), delay: () => {} });
	}

	powerOn(): void {
		this.done.push("powerOn");
		this.on = true;
		this.#boot();
		this.#tell({ type: "power", on: true });
		this.greet();
	}

	reset(reason = "power-on"): void {
		this.done.push(`reset ${reason}`);
		this.#boot();
		this.#tell({ type: "power", on: true, reason });
		this.greet();
	}

	statistics(): { used: number; peak: number; heap: number; compute: number } | undefined {
		this.#used = 40_000 + ((this.#used * 7919 + 31) % 3600);
		this.#peak = Math.max(this.#peak, this.#used);
		return this.on ? { used: this.#used, peak: this.#peak, heap: 65_536, compute: this.#seq * 1000 } : undefined;
	}

	date(): number {
		return this.#clock.date();
	}

	subscribe(listener: (event: NodeEvent) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	close(): void {
		this.workbench.close();
	}

	/** It logs a line. */
	log(level: string, text: string): void {
		this.#tell({ type: "log", date: this.date(), level, text });
	}

	/** It says something on `<base>/<topic>`. */
	say(topic: string, payload: string, qos = 0, retain = false): void {
		this.#send("out", `${this.#base}/${topic}`, payload, qos, retain);
	}

	/** What a node says after each connect. */
	greet(): void {
		this.log("info", "connected to 127.0.0.1:1883, session present");
		this.say("status", "online", 1, true);
		const lights = Object.fromEntries(Object.entries(this.description.lights).map(([name, { kind }]) => [name, kind]));
		const { name } = this.description;
		this.say(
			"info",
			JSON.stringify({ name, version: "0.1.0", bootCount: 3, resetReason: "power-on", lights }),
			1,
			true,
		);
		for (const output of this.#outputs.keys()) this.say(output, this.#obey(output, ""), 1, true);
	}

	/** A record, and each channel's value. */
	report(): void {
		const record: Record<string, unknown> = { time: new Date(this.date()).toISOString(), seq: ++this.#seq };
		for (const [sensor, { channels, driver }] of Object.entries(this.description.sensors))
			for (const [name, { quantity, decimals = 0 }] of Object.entries(channels)) {
				const own = { rssi: this.wifi.RSSI ?? null, heap: 65_536 - this.#used, uptime: this.#seq * 10 }[
					driver as string
				];
				record[name] = own === undefined ? Number(this.#measure(quantity, sensor).toFixed(decimals)) : own;
			}
		this.say("telemetry", JSON.stringify(record), 1);
		for (const [name, value] of Object.entries(record).slice(2)) this.say(`telemetry/${name}`, String(value), 0, true);
	}

	get #base(): string {
		return baseOf(this.description, this.id);
	}

	#tell(event: NodeEvent): void {
		for (const listener of this.#listeners) listener(event);
	}

	/** A PUBLISH crosses its wire. */
	#send(direction: "in" | "out", topic: string, payload: string, qos: number, retain: boolean): void {
		const packet = { cmd: "publish", topic, payload, qos: qos as 0 | 1, retain, dup: false, messageId: 7 } as const;
		this.#wire.bytes(direction, 1, mqttPacket.generate(packet));
	}

	#measure(quantity: string, sensor: string): number {
		const property = quantity.slice(quantity.indexOf(".") + 1);
		return this.world.value(property === "illuminance" ? "light" : property, sensor);
	}

	#take(topic: string, payload: string): void {
		this.#send("in", topic, payload, 1, false);
		const output = topic.slice(this.#base.length + 1, -"/set".length);
		if (!this.on || !this.#outputs.has(output)) return;
		try {
			this.say(output, this.#obey(output, payload), 1, true);
		} catch (error) {
			this.log("error", `${output}: ${(error as Error).message}`);
		}
	}

	#obey(output: string, order: string): string {
		return this.#outputs.get(output)!(order);
	}

	#boot(): void {
		const { board } = this.workbench;
		const { description } = this;
		board.boot({ now: () => this.#clock.now(), delay: () => {} });
		this.#outputs.clear();
		for (const [name, light] of Object.entries(description.lights)) {
			const pin = gpioOf(description.board, light.pin)!;
			const show = light.kind === "rgb" ? this.#strip(pin, light.length) : this.#lamp(pin);
			const state: LightState = { on: false, brightness: 255, red: 255, green: 255, blue: 255, effect: "none" };
			this.#outputs.set(topics.state("", "led", name).slice(1), (order) => {
				if (order !== "") Object.assign(state, parseLightOrder(order, light.kind, state));
				show(state);
				const { on, brightness, red: r, green: g, blue: b } = state;
				const color = light.kind === "rgb" ? { color: { r, g, b } } : {};
				return JSON.stringify({ state: on ? "ON" : "OFF", brightness, ...color });
			});
		}
		for (const [name, relay] of Object.entries(description.relays)) {
			const pin = gpioOf(description.board, relay.pin)!;
			const { output: mode } = digitalMode;
			const bank = pin >> 5;
			const mask = (1 << (pin & 31)) >>> 0;
			const port = board.openDigital({ bank, pins: mask, mode, rises: 0, falls: 0, initialValue: 0 });
			let on = false;
			this.#outputs.set(topics.state("", "relay", name).slice(1), (order) => {
				if (order !== "") on = order === "TOGGLE" ? !on : order === "ON";
				port.write(on ? mask : 0);
				return on ? "ON" : "OFF";
			});
		}
	}

	#lamp(pin: number): (state: LightState) => void {
		const port = this.workbench.board.openPwm(pin, 1000, RESOLUTION);
		return ({ on, brightness }) => port.write(on ? Math.round((brightness / 255) * (2 ** RESOLUTION - 1)) : 0);
	}

	#strip(pin: number, length: number): (state: LightState) => void {
		const port = this.workbench.board.openStrip(pin, length);
		return ({ on, brightness, red, green, blue }) => {
			const pixel = [red, green, blue].map((byte) => (on ? Math.round((byte * brightness) / 255) : 0));
			port.write(Uint8Array.from({ length: length * 3 }, (_, index) => pixel[index % 3]!));
		};
	}
}
