import type { Domain, KeyValueStorage } from "embedded:storage/key-value";
import Time from "time";
import { MQTTError } from "./packet/error";
import type { Received } from "./received";
import { type LogLevel, messageOf, type SessionOptions } from "./session-options";

/** Who a store belongs to. */
export interface StoreOwner {
	log(level: LogLevel, text: string): void;
}

/** Where a session keeps what must outlive a power cut, and how much it may write there. */
export interface PersistenceOptions {
	/** `device.keyValue` */
	storage: KeyValueStorage;
	/** The key-value domain, 1..15 bytes; `mqtt` when omitted. */
	path?: string;
	/**
	 * The write budget: so many writes may follow each other (500 when omitted), and so many are possible in an hour for
	 * good (60 when omitted: NVS bears that for decades). Only new messages are refused by it, never the rest of an exchange.
	 */
	writes?: { burst?: number; perHour?: number };
}

/** A message as it is kept: `mark` is the outbox's. */
export type Restored = (key: number, mark: number, seconds: number, packet: Uint8Array) => boolean;

/** First byte of every value: what follows is of this form. */
const FORM = 1;
const headerSize = 8;
const RECEIVED = "in";
const hour = 3_600_000;

/**
 * Keeps messages and the state of their exchanges in `embedded:storage/key-value`. One key is one message, and each change
 * of it one write, so that a power cut at any instant leaves the state before or after it. Keys: `m` and a number that counts
 * up; `in` for the identifiers of received QoS 2 messages.
 */
export class Store {
	readonly #domain: Domain;
	readonly #session: number;
	readonly #burst: number;
	readonly #perHour: number;
	#tokens: number;
	#since = Time.ticks;
	#next = 1;

	readonly #owner: StoreOwner;

	/**
	 * @param session whose it is: received identifiers mean nothing to another broker or client identifier
	 * @throws what the storage throws
	 */
	constructor(options: PersistenceOptions, session: string, owner: StoreOwner) {
		this.#owner = owner;
		this.#domain = options.storage.open({ path: options.path ?? "mqtt", mode: "r+", format: "buffer" });
		this.#burst = this.#tokens = options.writes?.burst ?? 500;
		this.#perHour = options.writes?.perHour ?? 60;
		this.#session = hash(session);
	}

	close(): void {
		this.#domain.close();
	}

	/** The budget allows one more message. */
	get affordable(): boolean {
		const passed = Time.delta(this.#since);
		if (passed !== 0) {
			this.#since = Time.ticks;
			// `Time.delta` wraps after weeks, and that is long enough for all of it.
			const more = passed < 0 ? this.#burst : (passed / hour) * this.#perHour;
			this.#tokens = Math.min(this.#burst, this.#tokens + more);
		}
		return this.#tokens >= 1;
	}

	/** A key for a message that is behind all others. */
	allocate(): number {
		return this.#next++;
	}

	/** @throws MQTTError `storage`: it was not written */
	save(key: number, mark: number, seconds: number, packet: Uint8Array): void {
		const bytes = new Uint8Array(headerSize + packet.length);
		bytes[0] = FORM;
		const view = new DataView(bytes.buffer);
		view.setUint8(1, mark >>> 16);
		view.setUint16(2, mark & 0xffff);
		view.setUint32(4, seconds);
		bytes.set(packet, headerSize);
		this.write(`m${key}`, bytes);
	}

	/** Forgets a message. If flash does not, that is logged: after a boot the message is sent once more. */
	delete(key: number): void {
		this.erase(`m${key}`);
	}

	private erase(key: string): void {
		this.#tokens--;
		try {
			this.#domain.delete(key);
		} catch (error) {
			this.#owner.log("error", `"${key}" stays in flash: ${messageOf(error)}`);
		}
	}

	/** Hands out all messages in order; what cannot be read, and what `visit` refuses, is deleted. Returns how many those were. */
	load(visit: Restored): number {
		const keys: number[] = [];
		let bad = 0;
		for (const name of this.#domain) {
			const key = /^m[0-9]{1,10}$/.test(name) ? Number(name.slice(1)) : 0;
			if (key > 0) keys.push(key);
		}
		keys.sort((a, b) => a - b);
		for (const key of keys) {
			if (key >= this.#next) this.#next = key + 1;
			const bytes = this.read(`m${key}`);
			if (bytes && bytes.length > headerSize && bytes[0] === FORM) {
				const view = new DataView(bytes.buffer);
				const mark = (view.getUint8(1) << 16) | view.getUint16(2);
				if (visit(key, mark, view.getUint32(4), bytes.subarray(headerSize))) continue;
			}
			bad++;
			this.delete(key);
		}
		return bad;
	}

	/** @throws MQTTError `storage`: it was not written */
	saveReceived(received: Received): void {
		if (received.empty) {
			this.erase(RECEIVED);
			return;
		}
		const bytes = new Uint8Array(5 + received.byteLength);
		const view = new DataView(bytes.buffer);
		view.setUint8(0, FORM);
		view.setUint32(1, this.#session);
		received.write(view, 5);
		this.write(RECEIVED, bytes);
	}

	loadReceived(received: Received): void {
		const bytes = this.read(RECEIVED);
		if (!bytes || bytes.length < 5 || bytes[0] !== FORM) return;
		const view = new DataView(bytes.buffer);
		if (view.getUint32(1) === this.#session) received.read(view, 5);
	}

	private write(key: string, bytes: Uint8Array): void {
		this.#tokens--;
		try {
			this.#domain.write(key, bytes);
		} catch (error) {
			throw new MQTTError("storage", `not kept in flash: ${messageOf(error)}`);
		}
	}

	/** Damaged flash is as if nothing was there. */
	private read(key: string): Uint8Array | undefined {
		try {
			const value = this.#domain.read(key);
			return value === undefined ? undefined : new Uint8Array(value as ArrayBuffer);
		} catch {
			return undefined;
		}
	}
}

/** The store that a session's options ask for, if they do. One that cannot be opened is logged: the node goes on without it. */
export function openStore(options: SessionOptions, owner: StoreOwner): Store | undefined {
	const { host, port = 1883, id, persistence } = options;
	if (!persistence) return undefined;
	try {
		return new Store(persistence, `${host}:${port}/${id}`, owner);
	} catch (error) {
		owner.log("error", `nothing is kept in flash: ${messageOf(error)}`);
		return undefined;
	}
}

function hash(text: string): number {
	let value = 0x811c9dc5;
	for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
	return value >>> 0;
}
