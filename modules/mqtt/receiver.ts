import type TCP from "embedded:io/socket/tcp";
import Timer from "timer";
import type { MessageInfo } from "./options";
import { BAD, type Decoder, FRAGMENT, NONE, SKIPPED } from "./packet/decoder";
import { bytesOf } from "./packet/encoder";
import { invalid, MQTTError } from "./packet/error";
import { PUBACK, PUBLISH, PUBREC, packetNames } from "./packet/types";
import type { Sender } from "./sender";

/** What a receiver tells its owner; one table for all, because a closure for each takes 160 bytes on XS. */
export interface ReceiverHooks<Owner> {
	/** Part of a message can be read. */
	deliver(owner: Owner, count: number, info: MessageInfo): void;
	/** A control packet came. */
	received(owner: Owner, type: number): void;
	/** A message was consumed that could not be handed out. */
	skipped(owner: Owner): void;
	/** The server broke the protocol: there is no going on (MQTT-4.8.0-1). */
	broken(owner: Owner, error: MQTTError): void;
}

/**
 * The incoming half of a connection: takes packets from the socket until it is empty, the application has to read, or no
 * acknowledgement can be kept; and acknowledges a message when its last byte was read and the application's callback returned.
 */
export class Receiver<Owner = unknown> {
	/** Bytes came since this was last cleared. */
	heard = false;
	/** CONNACK came: messages may follow. */
	connected = false;
	/** Packets are wanted: from CONNECT to DISCONNECT. */
	reading = false;
	socket: TCP | undefined = undefined;
	/** Bytes of the announced fragment that the application did not read yet. */
	unread = 0;
	readonly #owner: Owner;
	readonly #hooks: ReceiverHooks<Owner>;
	/** The application takes messages; else they are consumed and acknowledged. */
	readonly #wanted: boolean;
	readonly #decoder: Decoder;
	readonly #sender: Sender<Owner>;
	/** Bytes that wait in the socket. */
	#arrived = 0;
	/** The packet that acknowledges the current message, 0 for none. */
	#acknowledge = 0;
	/** The application's callbacks run: reading is gone on with after them. */
	#draining = false;
	/** Reading stopped for lack of room for acknowledgements. */
	#paused = false;
	#resume: Timer | undefined;

	constructor(owner: Owner, hooks: ReceiverHooks<Owner>, wanted: boolean, decoder: Decoder, sender: Sender<Owner>) {
		this.#owner = owner;
		this.#hooks = hooks;
		this.#wanted = wanted;
		this.#decoder = decoder;
		this.#sender = sender;
	}

	/** No more is read, and no callback follows. */
	close(): void {
		this.reading = this.connected = false;
		this.socket = undefined;
		this.unread = this.#arrived = 0;
		Timer.clear(this.#resume);
		this.#resume = undefined;
	}

	/** The socket's `onReadable`: `count` bytes wait in it. */
	arrived(count: number): void {
		this.#arrived = count;
		this.heard = true;
		if (this.unread !== 0 || !this.reading) return;
		if (this.#paused || this.#acknowledge !== 0) this.#goOn();
		else this.#drain();
	}

	/** The socket's `onWritable`: there may be room for acknowledgements again. */
	roomy(): void {
		if (this.#paused) this.#goOn();
	}

	/** An answer of the server, if it sent one, stands behind a message that is not over yet. */
	get behind(): boolean {
		return this.unread > 0 || (this.heard && this.#decoder.remaining > 0);
	}

	/** What stands behind the client's `read`. */
	read(target: number | ByteBuffer | undefined): ArrayBuffer | number | undefined {
		const decoder = this.#decoder;
		const start = decoder.start;
		let count = this.unread;
		let result: ArrayBuffer | number;
		if (target === undefined || typeof target === "number") {
			if (target !== undefined) {
				if (!(target > 0)) invalid(`read: ${target} bytes`);
				if (target < count) count = target;
			}
			if (count === 0) return undefined;
			result = decoder.buffer.slice(start, start + count);
		} else {
			const bytes = bytesOf(target);
			if (count === 0) return undefined;
			if (bytes.length < count) count = bytes.length;
			bytes.set(new Uint8Array(decoder.buffer, start, count));
			result = count;
		}
		decoder.start = start + count;
		decoder.remaining -= count;
		this.unread -= count;
		// Outside of `onReadable`: no callback may come from within this call.
		if (!this.#draining && this.unread === 0) {
			this.#resume ??= Timer.set(() => {
				this.#resume = undefined;
				this.#goOn();
			}, 0);
		}
		return result;
	}

	/** Goes on after the application read what it had left, or there is room for acknowledgements again. */
	#goOn(): void {
		if (this.unread !== 0 || !this.reading) return;
		this.#paused = false;
		if (this.#acknowledge === 0 || this.#decoder.remaining > 0 || this.#complete()) this.#drain();
	}

	/** Only the host's callbacks lead here, and these never nest (ECMA-419 §8). */
	#drain(): void {
		const decoder = this.#decoder;
		this.#draining = true;
		while (decoder.start !== decoder.end || this.#fill()) {
			if (this.#sender.held > 0 && !this.#sender.room) {
				this.#paused = true;
				break;
			}
			const type = decoder.next();
			if (type === PUBLISH) this.#message();
			else if (type === NONE) {
				if (!this.#fill()) break;
				continue;
			} else if (type === FRAGMENT) this.#announce();
			else if (type === SKIPPED) this.#skipped();
			else if (type === BAD) this.#hooks.broken(this.#owner, decoder.error!);
			else this.#hooks.received(this.#owner, type);
			if (this.unread !== 0 || !this.reading) break;
			if (this.#acknowledge !== 0 && decoder.remaining === 0 && !this.#complete()) break;
		}
		this.#draining = false;
	}

	/** Moves bytes from the socket into the decoder's window; false when there are none. */
	#fill(): boolean {
		const arrived = this.#arrived;
		if (arrived === 0) return false;
		const decoder = this.#decoder;
		const target = decoder.target(arrived);
		if (target === undefined) return false;
		const length = target.length;
		const count = this.socket!.read(target) ?? 0;
		decoder.end += count;
		this.#arrived = count < length ? 0 : arrived - count;
		return count > 0;
	}

	#message(): void {
		const decoder = this.#decoder;
		const QoS = decoder.QoS;
		if (QoS !== 0) this.#acknowledge = QoS === 1 ? PUBACK : PUBREC;
		if (!this.#isWanted()) return;
		const byteLength = decoder.byteLength;
		let count = decoder.end - decoder.start;
		if (count > byteLength) count = byteLength;
		this.unread = count;
		const info: MessageInfo = {
			more: count < byteLength,
			topic: decoder.topic,
			QoS,
			byteLength,
			retain: decoder.retain,
			duplicate: decoder.duplicate,
		};
		if (QoS !== 0) info.id = decoder.id;
		this.#hooks.deliver(this.#owner, count, info);
	}

	#isWanted(): boolean {
		if (this.connected && this.#wanted) return true;
		if (!this.connected) this.#early();
		else if (this.#decoder.remaining > 0) this.#decoder.skip();
		return false;
	}

	#early(): void {
		const error = new MQTTError("protocol", `${packetNames[PUBLISH]} before CONNACK`, "MQTT-3.2.0-1");
		this.#hooks.broken(this.#owner, error);
	}

	#announce(): void {
		const count = this.#decoder.available;
		this.unread = count;
		this.#hooks.deliver(this.#owner, count, { more: count < this.#decoder.remaining });
	}

	#skipped(): void {
		if (!this.connected) {
			this.#early();
			return;
		}
		const { QoS, id } = this.#decoder;
		this.#acknowledge = 0;
		if (QoS > 0) this.#sender.acknowledge(QoS === 1 ? PUBACK : PUBREC, id);
		this.#hooks.skipped(this.#owner);
	}

	/** The message is over: acknowledges it. False when there is no room for that yet. */
	#complete(): boolean {
		if (!this.#sender.acknowledge(this.#acknowledge, this.#decoder.id)) {
			this.#paused = true;
			return false;
		}
		this.#acknowledge = 0;
		return true;
	}
}
