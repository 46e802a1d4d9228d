import NativeWiFi, { type WiFiOptions, type WiFiScanResult } from "embedded:network/interface/wifi";

type ConnectOptions = Parameters<NativeWiFi["connect"]>[0];

/** ECMA-419 §21: connected to the base station; an IP address is assigned. */
const JOINED = 400;
const ADDRESSED = 500;

/**
 * ECMA-419 §21, Wi-Fi Network Interface, by the SDK. Made good here: its `address` may be an IPv6 one that leads nowhere, or one
 * that is left from a connection that is lost; `disconnect` tells `onChanged`; `secure` refuses an open access point.
 */
class WiFi {
	#native: NativeWiFi | undefined;
	readonly #onChanged: WiFiOptions["onChanged"];
	declare target: unknown;

	constructor({ onChanged, target }: WiFiOptions) {
		this.#onChanged = onChanged;
		this.#native = new NativeWiFi({ onChanged: (property) => this.#tell(property) });
		if (target !== undefined) this.target = target;
	}

	/** Closes the instance; the radio stays as it is. */
	close(): void {
		const native = this.#native;
		this.#native = undefined;
		native?.close();
	}

	connect(options: ConnectOptions): void {
		const native = this.#check();
		if (options.SSID === undefined) throw new TypeError("WiFi connect: SSID is required");
		if (options.secure && !options.password) throw new Error("WiFi connect: secure needs a password");
		native.connect(options);
	}

	disconnect(): void {
		this.#check().disconnect();
	}

	scan(options: { channel?: number; onFound: (result: WiFiScanResult) => void; onComplete?: () => void }): void {
		this.#check().scan(options);
	}

	get connection(): number {
		const { connection } = this.#check();
		// Moddable's 500 waits for an IPv6 address, too.
		return connection >= JOINED ? (this.address === undefined ? JOINED : ADDRESSED) : connection;
	}

	get address(): string | undefined {
		const native = this.#check();
		if (native.connection < JOINED) return undefined;
		const { address } = native;
		return address?.includes(".") && !address.includes(":") ? address : undefined;
	}

	get MAC(): string | undefined {
		return this.#check().MAC;
	}
	get SSID(): string | undefined {
		return this.#check().SSID;
	}
	get BSSID(): string | undefined {
		return this.#check().BSSID;
	}
	/** dBm */
	get RSSI(): number | undefined {
		return this.#check().RSSI;
	}
	get channel(): number | undefined {
		return this.#check().channel;
	}

	#tell(property: string): void {
		if (this.#native) this.#onChanged?.call(this as never, property);
	}

	#check(): NativeWiFi {
		if (!this.#native) throw new Error("WiFi: closed");
		return this.#native;
	}
}

export default WiFi;
