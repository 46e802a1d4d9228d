/** A board of plain objects: records what the firmware does to it, and lets a test play the world. */

import type { Device } from "embedded:provider/builtin";
import assert from "node:assert/strict";
import type { IncomingMessage, Messenger, Pieces, PublishOptions, StreamOptions } from "../../modules/node/messenger";
import type { LightStrip, Settings } from "../../modules/system/system";

type DigitalOptions = { pin: number; mode: number; initialValue?: 0 | 1; onReadable?: () => void };

export class FakeBoard {
	/** Levels of outputs, and of inputs as the world sets them. */
	readonly levels = new Map<number, number>();
	/** What the converter reads: 0..4,095; half of it by default. */
	readonly voltages = new Map<number, number>();
	readonly duties = new Map<number, number>();
	readonly strips = new Map<number, number[]>();
	readonly inputs = new Map<number, () => void>();
	readonly flash = new FakeKeyValue();
	/** What sensors of the host give: a sample, or an Error that sampling throws. */
	readonly samples: Record<string, unknown> = {};
	/** How often a driver was made. */
	readonly opened: Record<string, number> = {};
	readonly wifi = { address: undefined as string | undefined, signal: -60, joins: [] as string[], changed: () => {} };
	/** What time servers answer: ms since 1970, or nothing. */
	time: number | undefined = Date.UTC(2026, 0, 1);
	timeAnswers: ((error: Error | null, time?: number) => void)[] = [];
	restarts = 0;
	shutdown: ((done: () => void) => void) | undefined;
	freeMemory = 32_768;
	hasStrip = true;

	/** Sets an input, as a finger does. */
	set(pin: number, level: 0 | 1): void {
		this.levels.set(pin, level);
		this.inputs.get(pin)?.();
	}

	device(settings: Settings = {}): Device {
		const board = this;
		class Digital {
			static readonly Input = 0;
			static readonly InputPullUp = 1;
			static readonly InputPullDown = 2;
			static readonly InputPullUpDown = 3;
			static readonly Output = 4;
			static readonly OutputOpenDrain = 5;
			static readonly Rising = 1;
			static readonly Falling = 2;
			readonly #pin: number;
			constructor(options: DigitalOptions) {
				this.#pin = options.pin;
				if (options.mode >= Digital.Output) board.levels.set(options.pin, options.initialValue ?? 0);
				else if (!board.levels.has(options.pin)) board.levels.set(options.pin, options.mode === 1 ? 1 : 0);
				if (options.onReadable) board.inputs.set(options.pin, options.onReadable);
			}
			read = () => board.levels.get(this.#pin) ?? 0;
			write = (value: number) => void board.levels.set(this.#pin, value);
			close = () => void board.inputs.delete(this.#pin);
		}
		class PWM {
			readonly hz = 1000;
			readonly resolution = 10;
			readonly #pin: number;
			constructor(options: { pin: number }) {
				this.#pin = options.pin;
			}
			write = (value: number) => void board.duties.set(this.#pin, value);
			close = () => {};
		}
		class Analog {
			readonly resolution = 12;
			readonly #pin: number;
			constructor(options: { pin: number }) {
				this.#pin = options.pin;
			}
			read = () => board.voltages.get(this.#pin) ?? 2048;
			close = () => {};
		}
		class Strip implements LightStrip {
			readonly #pin: number;
			constructor(options: { pin: number }) {
				this.#pin = options.pin;
			}
			write(pixels: Uint8Array): void {
				board.strips.set(this.#pin, [...pixels]);
			}
			close(): void {}
		}
		class WiFi {
			constructor(options: { onChanged?: (property: string) => void }) {
				board.wifi.changed = () => options.onChanged?.("address");
			}
			connect = ({ SSID }: { SSID: string }) => void board.wifi.joins.push(SSID);
			disconnect = () => {};
			close = () => {};
			get connection() {
				return board.wifi.address === undefined ? 200 : 500;
			}
			get address() {
				return board.wifi.address;
			}
			get RSSI() {
				return board.wifi.address === undefined ? undefined : board.wifi.signal;
			}
		}
		class NTP {
			getTime(callback: (error: Error | null, time?: number) => void) {
				board.timeAnswers.push(callback);
			}
			close() {}
		}
		const sensor = (name: string) =>
			class {
				constructor() {
					board.opened[name] = (board.opened[name] ?? 0) + 1;
					if (board.samples[name] instanceof Error) throw board.samples[name];
				}
				sample() {
					if (board.samples[name] instanceof Error) throw board.samples[name];
					return board.samples[name];
				}
				configure() {}
				close() {}
			};
		return {
			pin: { led: 2, button: 0 },
			io: { Digital, PWM, Analog, I2C: class {}, SMBus: class {} },
			i2c: { default: { data: 21, clock: 22, hz: 400_000 } },
			sensor: { SHT3x: sensor("SHT3x"), BMP280: sensor("BMP280"), TMP117: sensor("TMP117") },
			network: {
				interface: { WiFi0: { io: WiFi } },
				ntp: { client: { io: NTP, servers: ["pool.ntp.org"] } },
				mqtt: { client: {} },
				mqtts: { client: {} },
			},
			keyValue: board.flash,
			system: {
				board: "ESP32-DevKitC",
				host: "test",
				uniqueId: "0123456789ab",
				resetReason: "power-on",
				settings,
				restart: () => void board.restarts++,
				onShutdown: (callback: (done: () => void) => void) => {
					board.shutdown = callback;
				},
				memory: () => ({ size: 65_536, used: 65_536 - board.freeMemory, free: board.freeMemory, peak: 0 }),
				random: (buffer: Uint8Array) => void buffer.fill(0),
				LightStrip: board.hasStrip ? Strip : undefined,
			},
		} as unknown as Device;
	}
}

/** Key-value storage in memory that counts how often it is written. */
export class FakeKeyValue {
	readonly values = new Map<string, unknown>();
	writes = 0;
	broken = false;

	open({ path }: { path: string }) {
		if (this.broken) throw new Error("flash is worn out");
		const at = (key: string) => `${path}/${key}`;
		return {
			read: (key: string) => this.values.get(at(key)),
			write: (key: string, value: unknown) => {
				this.writes += 1;
				this.values.set(at(key), value);
			},
			delete: (key: string) => void this.values.delete(at(key)),
			close() {},
		};
	}
}

export interface Published extends PublishOptions {
	topic: string;
	payload: string;
}

/** A broker's side of the node: keeps what was published, delivers what a test sends. */
export class FakeMessenger implements Messenger {
	connected = true;
	readonly published: Published[] = [];
	readonly #routes: { filter: string[]; handler: (message: IncomingMessage) => void }[] = [];

	publish(topic: string, payload: string, options: PublishOptions = {}): void {
		this.published.push({ topic, payload, ...options });
	}
	stream(topic: string, pieces: Pieces, { retain = false, onFate }: StreamOptions = {}): boolean {
		if (!this.connected) return false;
		let payload = "";
		for (let piece = pieces.next(); piece !== undefined; piece = pieces.next()) payload += piece;
		assert.equal(Buffer.byteLength(payload), pieces.byteLength, "byteLength of a streamed message");
		this.published.push({ topic, payload, QoS: 0, retain });
		onFate?.("delivered");
		return true;
	}
	on(filter: string, _QoS: 0 | 1, handler: (message: IncomingMessage) => void): void {
		this.#routes.push({ filter: filter.split("/"), handler });
	}
	off(filter: string): void {
		const index = this.filters.indexOf(filter);
		if (index >= 0) this.#routes.splice(index, 1);
	}
	get filters(): string[] {
		return this.#routes.map(({ filter }) => filter.join("/"));
	}
	send(topic: string, payload: string | Uint8Array, retain = false): void {
		const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
		const levels = topic.split("/");
		for (const { filter, handler } of this.#routes)
			if (filter.length === levels.length && filter.every((level, i) => level === "+" || level === levels[i]))
				handler({ topic, payload: bytes, retain });
	}
	/** The last payload on a topic. */
	last(topic: string): string | undefined {
		return this.published.findLast((message) => message.topic === topic)?.payload;
	}
	all(topic: string): string[] {
		return this.published.filter((message) => message.topic === topic).map(({ payload }) => payload);
	}
}
