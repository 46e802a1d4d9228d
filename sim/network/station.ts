import type { Clock, TimerHandle } from "../../hosts/shared/clock";
import type { AccessPoint, ScanOptions, Station, StationOptions } from "../../hosts/shared/services/network";
import { type Air, type BaseStation, WEAKEST_SIGNAL } from "./air";

/** ECMA-419 §21: values of `connection`. */
const DISCONNECTED = 200;
const CONNECTING = 300;
const CONNECTED = 400;
const ADDRESSED = 500;

/** How long things take on the board (ms), about. */
const ASSOCIATE = 250;
const REFUSE = 1500;
const NOT_FOUND = 1800;
const ADDRESS = 180;
const SCAN = 1200;
/** Silence after which the node notices that its base station is gone. */
const BEACON_TIMEOUT = 3000;
/** A radio that joins by itself tries again after this. */
const REJOIN = 5000;

export interface VirtualStationOptions {
	readonly air: Air;
	readonly clock: Clock;
	/** Number of the node in its world, from 0: its noise, and its address. */
	readonly node: number;
	/** 12 hexadecimal digits. */
	readonly uniqueId: string;
	/** The radio joins this network by itself, as a board whose Wi-Fi was set up outside the firmware. */
	readonly join?: StationOptions;
}

/** A node's radio in the simulated air. */
export class VirtualStation implements Station {
	readonly MAC: string;
	readonly #options: VirtualStationOptions;
	readonly #listeners = new Set<(property: "connection" | "address") => void>();
	#connection = DISCONNECTED;
	#point: BaseStation | undefined;
	#timer: TimerHandle | undefined;
	#beacon: TimerHandle | undefined;
	#scan: TimerHandle | undefined;
	#signal: number | undefined;
	#shielded = false;
	readonly #linkListeners = new Set<() => void>();
	#wasLinked = false;

	constructor(options: VirtualStationOptions) {
		this.#options = options;
		this.MAC = options.uniqueId.replace(/(..)(?!$)/g, "$1:");
		options.air.subscribe(() => this.#listen());
		this.#rejoin(0);
	}

	get connection(): number {
		return this.#connection;
	}

	get address(): string | undefined {
		const { node } = this.#options;
		return this.#connection >= ADDRESSED
			? `192.168.${4 + Math.floor((node + 2) / 250)}.${((node + 2) % 250) + 1}`
			: undefined;
	}

	get SSID(): string | undefined {
		return this.#connection >= CONNECTED ? this.#point?.SSID : undefined;
	}

	get BSSID(): string | undefined {
		return this.#connection >= CONNECTED ? this.#point?.BSSID : undefined;
	}

	get channel(): number | undefined {
		return this.#connection >= CONNECTED ? this.#point?.channel : undefined;
	}

	get RSSI(): number | undefined {
		return this.#connection >= CONNECTED && this.#point ? Math.max(-100, this.#strength(this.#point)) : undefined;
	}

	/** Packets pass now. The firmware learns of a lost base station some seconds later. */
	get linked(): boolean {
		return this.#connection >= ADDRESSED && this.#point !== undefined && this.#reaches(this.#point);
	}

	/** It hears nothing, because it was told so. */
	get shielded(): boolean {
		return this.#shielded;
	}

	/** The signal at this node in dBm, before noise; undefined: as the air has it. */
	setSignal(signal: number | undefined): void {
		this.#signal = signal;
		this.#listen();
	}

	/** This node alone hears nothing any more. */
	down(): void {
		this.#shielded = true;
		this.#listen();
	}

	/** It hears again. */
	up(): void {
		this.#shielded = false;
		this.#listen();
	}

	connect(options: StationOptions): void {
		if (this.#connection === CONNECTING) throw new Error("WiFi connect: already connecting");
		this.#leave();
		this.#set(CONNECTING);
		const point = this.#find(options);
		if (!point) this.#after(NOT_FOUND, () => this.#lose());
		else if ((point.password ?? "") !== (options.password ?? "") || (options.secure && point.password === undefined))
			this.#after(REFUSE, () => this.#lose());
		else this.#after(ASSOCIATE, () => this.#associate(point));
	}

	disconnect(): void {
		if (this.#connection > DISCONNECTED) this.#lose(false);
	}

	scan(
		{ channel, frequency, secure }: ScanOptions,
		onFound: (point: AccessPoint) => void,
		onComplete: () => void,
	): void {
		if (this.#scan) throw new Error("WiFi scan: already scanning");
		const { air, clock } = this.#options;
		this.#scan = clock.set(() => {
			this.#scan = undefined;
			for (const point of air.points) {
				if (channel !== undefined && point.channel !== channel) continue;
				if (frequency !== undefined && point.channel <= 14 !== (frequency === 2.4)) continue;
				if (secure && point.password === undefined) continue;
				if (this.#reaches(point)) onFound(air.describe(point, this.#strength(point)));
			}
			onComplete();
		}, SCAN);
	}

	subscribe(listener: (property: "connection" | "address") => void): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	/** Told when `linked` changes. */
	subscribeLink(listener: () => void): () => void {
		this.#linkListeners.add(listener);
		return () => void this.#linkListeners.delete(listener);
	}

	reset(): void {
		const { clock } = this.#options;
		clock.clear(this.#scan);
		this.#scan = undefined;
		this.#leave();
		this.#connection = DISCONNECTED;
		this.#tellLink();
		this.#rejoin(0);
	}

	#find({ SSID, BSSID, channel }: StationOptions): BaseStation | undefined {
		return this.#options.air.points
			.filter((point) => (BSSID === undefined ? point.SSID === SSID : point.BSSID === BSSID))
			.filter((point) => channel === undefined || point.channel === channel)
			.filter((point) => this.#reaches(point))
			.sort((a, b) => b.signal - a.signal)[0];
	}

	#associate(point: BaseStation): void {
		if (!this.#reaches(point)) {
			this.#lose();
			return;
		}
		this.#point = point;
		this.#set(CONNECTED);
		this.#after(ADDRESS, () => {
			this.#set(ADDRESSED);
			this.#tell("address");
		});
	}

	#lose(rejoin = true): void {
		this.#leave();
		this.#set(DISCONNECTED);
		if (rejoin) this.#rejoin(REJOIN);
	}

	#leave(): void {
		const { clock } = this.#options;
		clock.clear(this.#timer);
		clock.clear(this.#beacon);
		this.#timer = this.#beacon = undefined;
		this.#point = undefined;
	}

	#rejoin(delay: number): void {
		const { join } = this.#options;
		if (join)
			this.#after(delay, () => {
				if (this.#connection === DISCONNECTED) this.connect(join);
			});
	}

	/** The air changed: is the base station still there? */
	#listen(): void {
		const { clock } = this.#options;
		if (!this.#point) return;
		const reached = this.#reaches(this.#point);
		if (reached !== (this.#beacon === undefined)) {
			clock.clear(this.#beacon);
			this.#beacon = reached ? undefined : clock.set(() => this.#lose(), BEACON_TIMEOUT);
		}
		this.#tellLink();
	}

	#strength(point: BaseStation): number {
		const { air, clock, node } = this.#options;
		return air.signal(point, this.#base(point), node, clock.now());
	}

	/** By the signal without its noise, so that a weak link does not flicker. */
	#reaches(point: BaseStation): boolean {
		return this.#base(point) >= WEAKEST_SIGNAL;
	}

	#base(point: BaseStation): number {
		if (this.#shielded || point.signal === Number.NEGATIVE_INFINITY) return Number.NEGATIVE_INFINITY;
		return this.#signal ?? point.signal;
	}

	#after(delay: number, action: () => void): void {
		const { clock } = this.#options;
		clock.clear(this.#timer);
		this.#timer = clock.set(action, delay);
	}

	#set(connection: number): void {
		if (this.#connection === connection) return;
		this.#connection = connection;
		this.#tell("connection");
		this.#tellLink();
	}

	#tell(property: "connection" | "address"): void {
		for (const listener of [...this.#listeners]) listener(property);
	}

	#tellLink(): void {
		const { linked } = this;
		if (linked === this.#wasLinked) return;
		this.#wasLinked = linked;
		for (const listener of [...this.#linkListeners]) listener();
	}
}
