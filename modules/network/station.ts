import type WiFi from "embedded:network/interface/wifi";
import Timer from "timer";
import { type Log, messageOf } from "../log/log";

/** An attempt that has no address by then is given up (ms). */
const DEADLINE = 30_000;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
/** ECMA-419 §21: `connection` from here up is connecting or connected. */
const CONNECTING = 300;

export interface StationOptions {
	/** `device.network.interface.WiFi0` */
	interface: { io: typeof WiFi; [option: string]: unknown };
	/** The base station; without one the host's own connection is used. */
	wifi?: { readonly SSID: string; readonly password?: string };
	log: Log;
	owner: StationOwner;
}

export interface StationOwner {
	/** The node has an address. */
	networkUp(): void;
	networkDown(): void;
}

/** Joins the Wi-Fi network (ECMA-419 §21.3) and joins it again whenever it was lost. */
export class Station {
	readonly #options: StationOptions;
	readonly #wifi: WiFi;
	#timer: Timer | undefined;
	#pause = FIRST_PAUSE;
	#up = false;
	/** The timer is a pause before the next attempt, not the deadline of one. */
	#pausing = false;

	constructor(options: StationOptions) {
		this.#options = options;
		this.#wifi = new options.interface.io({ ...options.interface, onChanged: () => this.#changed() });
	}

	/** True while the node has an address. */
	get up(): boolean {
		return this.#up;
	}

	/** Signal strength in dBm; undefined while not connected. */
	get signal(): number | undefined {
		return this.#wifi.RSSI;
	}

	start(): void {
		if (this.#address !== undefined) this.#changed();
		else this.#connect();
	}

	close(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#wifi.close();
	}

	get #address(): string | undefined {
		return this.#wifi.connection < CONNECTING ? undefined : this.#wifi.address;
	}

	#connect(): void {
		const { wifi, log } = this.#options;
		if (!wifi) {
			log.local("warn", "Wi-Fi: the settings name no network, waiting for the host's own connection");
			return;
		}
		log.local("info", `Wi-Fi: joining "${wifi.SSID}"`);
		this.#wait(DEADLINE, () => this.#retry("no address within 30 s"));
		try {
			this.#wifi.connect(
				wifi.password === undefined ? { SSID: wifi.SSID } : { SSID: wifi.SSID, password: wifi.password },
			);
		} catch (error) {
			this.#retry(messageOf(error));
		}
	}

	#changed(): void {
		const address = this.#address;
		if (address !== undefined && !this.#up) {
			this.#up = true;
			this.#pausing = false;
			this.#pause = FIRST_PAUSE;
			Timer.clear(this.#timer);
			this.#timer = undefined;
			this.#options.log.local("info", `Wi-Fi: address ${address}`);
			this.#options.owner.networkUp();
		} else if (address === undefined && this.#up) {
			this.#up = false;
			this.#options.owner.networkDown();
			this.#retry("connection lost");
		} else if (this.#wifi.connection < CONNECTING && !this.#up && !this.#pausing) this.#retry("not connected");
	}

	#retry(reason: string): void {
		const { wifi, log } = this.#options;
		log.local("warn", wifi ? `Wi-Fi: ${reason}, next attempt in ${this.#pause / 1000} s` : `Wi-Fi: ${reason}`);
		if (!wifi) return;
		this.#pausing = true;
		this.#wait(this.#pause, () => {
			this.#pausing = false;
			try {
				if (this.#wifi.connection >= CONNECTING) this.#wifi.disconnect();
			} catch (error) {
				log.local("debug", `Wi-Fi: ${messageOf(error)}`);
			}
			this.#connect();
		});
		this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
	}

	#wait(milliseconds: number, then: () => void): void {
		Timer.clear(this.#timer);
		this.#timer = Timer.set(() => {
			this.#timer = undefined;
			then();
		}, milliseconds);
	}
}
