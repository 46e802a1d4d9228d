import Timer from "timer";
import { checkOptions, getCallback } from "../options";
import { readReply, writeRequest } from "./ntp-packet";

/** What the client needs of its UDP socket and its resolver: any ECMA-419 class will do. */
interface Socket {
	read(): (ArrayBuffer & { address: string; port: number }) | undefined;
	write(data: ByteBuffer, address: string, port: number): void;
	close(): void;
}
interface Names {
	resolve(options: { host: string }, callback: (error: Error | null, host?: string, address?: string) => void): void;
	close(): void;
}
interface Options {
	servers: string[];
	socket: { io: unknown; [option: string]: unknown };
	dns: { io: unknown; [option: string]: unknown };
	target?: unknown;
}
type SocketConstructor = new (options: Record<string, unknown>) => Socket;
type NamesConstructor = new (options: Record<string, unknown>) => Names;
type Completed = (error: Error | null, time?: number) => void;

const PORT = 123;
/** ms between the tries at one server, and their number. */
const INTERVAL = 2000;
const TRIES = 3;

/** ECMA-419 §23, NTP Client: SNTP (RFC 4330, RFC 5905 §14) over the UDP class in its options. */
class NTPClient {
	#servers: string[] | undefined;
	#socketOptions: Options["socket"];
	#dnsOptions: Options["dns"];
	#socket: Socket | undefined;
	#names: Names | undefined;
	#timer: Timer | undefined;
	#callback: Completed | undefined;
	#server = 0;
	#tries = 0;
	#address = "";
	#lastError: Error | undefined;
	/** Sent as the transmit time, comes back as the origin: tells a reply to this request from any other packet. */
	readonly #cookie = new Uint8Array(8);
	declare target: unknown;

	constructor(options: Options) {
		checkOptions("NTPClient", options);
		const { servers, socket, dns, target } = options as unknown as Options;
		if (!Array.isArray(servers) || servers.length === 0)
			throw new TypeError("NTPClient: servers is required: an array of names");
		if (typeof socket?.io !== "function") throw new TypeError("NTPClient: socket is required: UDP options with io");
		if (typeof dns?.io !== "function") throw new TypeError("NTPClient: dns is required: resolver options with io");
		this.#servers = servers.map(String);
		this.#socketOptions = socket;
		this.#dnsOptions = dns;
		if (target !== undefined) this.target = target;
	}

	/** Gives up what is under way: nothing is called back. */
	close(): void {
		this.#servers = undefined;
		this.#callback = undefined;
		this.#release();
	}

	/** Asks the servers in turn; `callback(null, time)` with ms since 1970, or `callback(error)`. Throws while asking. */
	getTime(callback: Completed): void {
		if (!this.#servers) throw new Error("NTPClient: closed");
		if (this.#callback) throw new Error("NTPClient: getTime is under way");
		const completed = getCallback("NTPClient getTime", "callback", callback);
		if (!completed) throw new TypeError("NTPClient getTime: callback is required");
		const SocketClass = this.#socketOptions.io as SocketConstructor;
		const NamesClass = this.#dnsOptions.io as NamesConstructor;
		try {
			this.#names = new NamesClass({ ...this.#dnsOptions });
			this.#socket = new SocketClass({ ...this.#socketOptions, onReadable: () => this.#onReadable() });
		} catch (error) {
			this.#release();
			throw error;
		}
		this.#callback = completed;
		this.#server = -1;
		this.#nextServer();
	}

	#nextServer(): void {
		const host = this.#servers?.[++this.#server];
		if (host === undefined) {
			this.#complete(this.#lastError ?? new Error("NTP: no server answered"));
			return;
		}
		this.#names?.resolve({ host }, (error, _host, address) => {
			if (!this.#callback) return;
			if (error) {
				this.#lastError = new Error(`NTP: ${error.message}`);
				return this.#nextServer();
			}
			this.#address = address!;
			this.#tries = 0;
			this.#ask();
		});
	}

	#ask(): void {
		if (this.#tries++ === TRIES) {
			this.#lastError = new Error(`NTP: no answer from ${this.#servers?.[this.#server]}`);
			this.#nextServer();
			return;
		}
		for (let index = 0; index < this.#cookie.length; index++) this.#cookie[index] = Math.random() * 256;
		this.#timer = Timer.set(() => {
			this.#timer = undefined;
			this.#ask();
		}, INTERVAL);
		try {
			this.#socket?.write(writeRequest(this.#cookie), this.#address, PORT);
		} catch (error) {
			// The network may be back at the next try.
			this.#lastError = error as Error;
		}
	}

	#onReadable(): void {
		for (;;) {
			const packet = this.#socket?.read();
			if (!packet) return;
			const time = readReply(packet, this.#cookie);
			if (typeof time === "string") {
				if (time === "") continue;
				this.#lastError = new Error(`NTP: ${this.#servers?.[this.#server]}: ${time}`);
				Timer.clear(this.#timer);
				this.#timer = undefined;
				this.#nextServer();
				return;
			}
			this.#complete(null, time);
			return;
		}
	}

	#complete(error: Error | null, time?: number): void {
		const callback = this.#callback;
		this.#callback = undefined;
		this.#lastError = undefined;
		this.#release();
		if (error) callback?.call(this, error);
		else callback?.call(this, null, time);
	}

	#release(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#socket?.close();
		this.#socket = undefined;
		this.#names?.close();
		this.#names = undefined;
	}
}

export default NTPClient;
