import type { WiFiOptions, WiFiScanResult } from "embedded:network/interface/wifi";
import { call, type HostValue } from "vagalume:host";
import { NetworkOperation, WiFiEvent } from "../../operations/network";
import { attach, detach } from "../dispatch";
import { checkOptions, getCallback, getInteger, getString } from "../options";

interface ConnectOptions {
	SSID?: string;
	BSSID?: string;
	password?: string;
	channel?: number;
	secure?: boolean;
}

interface ScanOptions {
	channel?: number;
	frequency?: number;
	secure?: boolean;
	onFound: (result: WiFiScanResult) => void;
	onComplete?: () => void;
}

const SSID_LENGTH = 32;

/** ECMA-419 §21, Wi-Fi Network Interface. Several instances share the one radio. */
class WiFi {
	#handle: number | undefined;
	#onChanged: WiFiOptions["onChanged"];
	#onFound: ScanOptions["onFound"] | undefined;
	#onComplete: ScanOptions["onComplete"];
	declare target: unknown;

	constructor(options: WiFiOptions) {
		checkOptions("WiFi", options);
		this.#onChanged = getCallback("WiFi", "onChanged", options.onChanged);
		const { target } = options;
		const handle = call(NetworkOperation.wifiOpen) as number;
		this.#handle = handle;
		attach(handle, { onEvent: (event, a) => this.#onEvent(event, a) });
		if (target !== undefined) this.target = target;
	}

	/** Closes the instance; the radio stays as it is. */
	close(): void {
		const handle = this.#handle;
		if (handle === undefined) return;
		this.#handle = undefined;
		this.#onChanged = this.#onFound = this.#onComplete = undefined;
		detach(handle);
		call(NetworkOperation.wifiClose, handle);
	}

	connect(options: ConnectOptions): void {
		this.#check();
		checkOptions("WiFi connect", options);
		const request = {
			SSID: getString("WiFi connect", "SSID", options.SSID),
			BSSID: getString("WiFi connect", "BSSID", options.BSSID),
			// An empty one means an open network, as on the board.
			password: options.password === undefined ? undefined : String(options.password),
			channel: getInteger("WiFi connect", "channel", options.channel, 1, 196),
			secure: options.secure === undefined ? undefined : Boolean(options.secure),
		};
		if (request.SSID === undefined && request.BSSID === undefined)
			throw new TypeError("WiFi connect: SSID or BSSID is required");
		if (request.SSID !== undefined && ArrayBuffer.fromString(request.SSID).byteLength > SSID_LENGTH)
			throw new RangeError(`WiFi connect: SSID "${request.SSID}" has more than ${SSID_LENGTH} bytes`);
		if (request.password && (request.password.length < 8 || request.password.length > 63))
			throw new RangeError(`WiFi connect: password has ${request.password.length} characters, allowed are 8..63`);
		call(NetworkOperation.wifiConnect, JSON.stringify(request));
	}

	disconnect(): void {
		this.#check();
		call(NetworkOperation.wifiDisconnect);
	}

	scan(options: ScanOptions): void {
		const handle = this.#check();
		checkOptions("WiFi scan", options);
		const onFound = getCallback("WiFi scan", "onFound", options.onFound);
		if (!onFound) throw new TypeError("WiFi scan: onFound is required");
		const onComplete = getCallback("WiFi scan", "onComplete", options.onComplete);
		const { frequency, secure } = options;
		if (frequency !== undefined && Number(frequency) !== 2.4 && Number(frequency) !== 5)
			throw new RangeError(`WiFi scan: frequency ${frequency} is neither 2.4 nor 5`);
		const channel = getInteger("WiFi scan", "channel", options.channel, 1, 196);
		call(NetworkOperation.wifiScan, handle, JSON.stringify({ channel, frequency, secure }));
		this.#onFound = onFound;
		this.#onComplete = onComplete;
	}

	get connection(): number {
		return this.#get("connection") as number;
	}
	get address(): string | undefined {
		return this.#get("address") as string | undefined;
	}
	get MAC(): string | undefined {
		return this.#get("MAC") as string | undefined;
	}
	get SSID(): string | undefined {
		return this.#get("SSID") as string | undefined;
	}
	get BSSID(): string | undefined {
		return this.#get("BSSID") as string | undefined;
	}
	/** dBm */
	get RSSI(): number | undefined {
		return this.#get("RSSI") as number | undefined;
	}
	get channel(): number | undefined {
		return this.#get("channel") as number | undefined;
	}

	#get(property: string): HostValue {
		this.#check();
		return call(NetworkOperation.wifiGet, property);
	}

	#check(): number {
		if (this.#handle === undefined) throw new Error("WiFi: closed");
		return this.#handle;
	}

	#onEvent(event: number, a: HostValue): void {
		if (event === WiFiEvent.changed) this.#onChanged?.(a as string);
		else if (event === WiFiEvent.found) this.#onFound?.call(this, JSON.parse(a as string));
		else {
			const onComplete = this.#onComplete;
			this.#onFound = this.#onComplete = undefined;
			onComplete?.call(this);
		}
	}
}

export default WiFi;
