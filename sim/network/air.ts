import type { AccessPoint } from "../../hosts/shared/services/network";

export interface BaseStationOptions {
	readonly SSID: string;
	/** 8..63 characters; without one the network is open. */
	readonly password?: string;
	readonly BSSID?: string;
	readonly channel?: number;
	/** Signal at the nodes in dBm, -100..-20; -55 when omitted. */
	readonly signal?: number;
}

/** Below this (dBm) no packet passes. */
export const WEAKEST_SIGNAL = -92;

/** An access point of the world. */
export class BaseStation {
	readonly SSID: string;
	readonly password: string | undefined;
	readonly BSSID: string;
	readonly channel: number;
	#signal: number;
	#on = true;
	readonly #onChange: () => void;

	constructor(
		{ SSID, password, BSSID = "02:00:00:00:00:01", channel = 6, signal = -55 }: BaseStationOptions,
		onChange: () => void,
	) {
		if (password !== undefined && (password.length < 8 || password.length > 63))
			throw new RangeError(`access point "${SSID}": its password has ${password.length} characters, allowed are 8..63`);
		this.SSID = SSID;
		this.password = password;
		this.BSSID = BSSID;
		this.channel = channel;
		this.#signal = signal;
		this.#onChange = onChange;
	}

	/** dBm at the nodes, before noise. */
	get signal(): number {
		return this.#on ? this.#signal : Number.NEGATIVE_INFINITY;
	}

	get security(): string {
		return this.password === undefined ? "none" : "wpa2_psk";
	}

	setSignal(signal: number): void {
		this.#signal = signal;
		this.#onChange();
	}

	/** The power of the access point goes. */
	down(): void {
		this.#on = false;
		this.#onChange();
	}

	up(): void {
		this.#on = true;
		this.#onChange();
	}
}

export interface AirOptions {
	/** Whole number: another seed, another noise. */
	readonly seed: number;
	/** dB by which the signal wanders; 3 when omitted. */
	readonly noise?: number;
	readonly points?: readonly BaseStationOptions[];
}

/** The network that the simulator offers unless told otherwise. */
export const DEFAULT_POINT: BaseStationOptions = Object.freeze({
	SSID: "vagalume",
	password: "fireflies",
	signal: -55,
});

/** ms from one random value of the noise to the next; between them it is interpolated. */
const NOISE_STEP = 5000;

/** All access points of a world, and how strong each is at a node. */
export class Air {
	readonly points: readonly BaseStation[];
	readonly #seed: number;
	readonly #noise: number;
	readonly #listeners = new Set<() => void>();

	constructor({ seed, noise = 3, points = [DEFAULT_POINT] }: AirOptions) {
		this.#seed = seed;
		this.#noise = noise;
		this.points = points.map((point) => new BaseStation(point, () => this.#changed()));
	}

	/** The access point that a panel or a test changes: the first, unless another SSID is named. */
	point(SSID = this.points[0]?.SSID): BaseStation {
		const found = this.points.find((point) => point.SSID === SSID);
		if (!found) throw new Error(`no access point "${SSID}"`);
		return found;
	}

	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	/** `signal` with its noise, in whole dBm, at node `node` (a number of its own) at `time` (ms): the same for the same arguments. */
	signal(point: BaseStation, signal: number, node: number, time: number): number {
		const step = Math.floor(time / NOISE_STEP);
		const part = time / NOISE_STEP - step;
		const channel = this.points.indexOf(point) + 1;
		const from = this.#random(node, channel, step);
		const to = this.#random(node, channel, step + 1);
		return Math.round(signal + this.#noise * (2 * (from + (to - from) * part) - 1));
	}

	/** As a scan reports it. */
	describe(point: BaseStation, RSSI: number): AccessPoint {
		const { SSID, BSSID, channel, security } = point;
		return { SSID, BSSID, channel, RSSI, security };
	}

	/** 0..1, by seed and place. */
	#random(node: number, channel: number, step: number): number {
		let value =
			(this.#seed ^ Math.imul(node + 1, 0x9e3779b1) ^ Math.imul(channel, 0x85ebca6b) ^ Math.imul(step, 0xc2b2ae35)) | 0;
		value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
		value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
		return ((value ^ (value >>> 16)) >>> 0) / 2 ** 32;
	}

	#changed(): void {
		for (const listener of this.#listeners) listener();
	}
}
