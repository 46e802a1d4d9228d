import Timer from "timer";
import type { ControlMessage, MessageInfo, MQTTClientOptions } from "./options";
import { BAD, type Decoder, FRAGMENT, NONE, SKIPPED } from "./packet/decoder";
import { bytesOf } from "./packet/encoder";
import { invalid, MQTTError } from "./packet/error";
import { PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL } from "./packet/types";
import type { Sender } from "./sender";

/** What a receiver tells its owner; one table for all, because a closure for each takes 160 bytes on XS. */
export interface ReceiverHooks<Owner> {
	/** A control packet came. */
	received(owner: Owner, type: number): void;
	/** A message was consumed that could not be handed out. */
	skipped(owner: Owner): void;
	/** The server broke the protocol: there is no going on (MQTT-4.8.0-1). */
	broken(owner: Owner, error: MQTTError): void;
}

/** Bytes of an acknowledgement without a reason. */
const acknowledgementSize = 4;
const pubackHeader = PUBACK << 4;
/** Reason codes from here on are failures (MQTT 5.0 §2.4). */
const failure = 0x80;

/**
 * The incoming half of a connection: takes packets from the socket until it is empty, the application has to read, or no
 * acknowledgement can be kept; and acknowledges a message when its last byte was read and the application's callback returned.
 */
export class Receiver<Owner = unknown> {
	/** Bytes came since this was last cleared. */
	heard = false;
	/** Packets are wanted: from CONNECT to DISCONNECT. */
	reading = false;
	/** CONNACK came: messages may follow. */
	#connected = false;
	/** Bytes of the announced fragment that the application did not read yet. */
	unread = 0;
	readonly decoder: Decoder;
	readonly #owner: Owner;
	readonly #hooks: ReceiverHooks<Owner>;
	/** Takes messages; without it they are consumed and acknowledged. */
	readonly #onReadable: MQTTClientOptions["onReadable"];
	readonly #onControl: MQTTClientOptions["onControl"];
	readonly #sender: Sender<Owner>;
	/** Bytes that wait in the socket. */
	#arrived = 0;
	/** The packet that acknowledges the current message, 0 for none. */
	#acknowledge = 0;
	/** Nothing is under way: what arrives begins a packet. It is false, too, when a callback threw. */
	#quiet = false;
	/** The application left something unread when its callback returned: reading is gone on with when it has read it. */
	#left = false;
	/** Reading stopped for lack of room for acknowledgements. */
	#paused = false;
	#resume: Timer | undefined;
	/** The beginning of the window, as long as what arrived last; and as long as a PUBACK. */
	#view: Uint8Array | undefined;
	#viewSize = 0;
	#acknowledgement: Uint8Array | undefined;

	constructor(
		owner: Owner,
		hooks: ReceiverHooks<Owner>,
		{ onReadable, onControl }: MQTTClientOptions,
		decoder: Decoder,
		sender: Sender<Owner>,
	) {
		this.#owner = owner;
		this.#hooks = hooks;
		this.#onReadable = onReadable;
		this.#onControl = onControl;
		this.decoder = decoder;
		this.#sender = sender;
	}

	/** CONNECT was sent: the answer may be there already. */
	begin(): void {
		this.reading = true;
		if (this.#arrived > 0) this.goOn();
	}

	/** CONNACK came. */
	open(): void {
		this.#connected = true;
		this.#acknowledgement = new Uint8Array(this.decoder.buffer, 0, acknowledgementSize);
	}

	/** No more packets are wanted. */
	stop(): void {
		this.reading = this.#quiet = false;
	}

	/** No more is read, and no callback follows. */
	close(): void {
		this.stop();
		this.#connected = false;
		this.unread = this.#arrived = 0;
		Timer.clear(this.#resume);
		this.#resume = undefined;
	}

	/** The socket's `onReadable`: `count` bytes wait in it. */
	arrived(count: number): void {
		this.heard = true;
		if (!this.#quiet) {
			this.#arrived = count;
			this.goOn();
		} else if (count === acknowledgementSize) this.single();
		else {
			this.#arrived = count;
			this.drain();
		}
	}

	/** The socket's `onWritable`: there may be room for acknowledgements again. */
	roomy(): void {
		if (this.#paused) this.goOn();
	}

	/** An answer of the server, if it sent one, stands behind a message that is not over yet. */
	get behind(): boolean {
		return this.unread > 0 || (this.heard && this.decoder.remaining > 0);
	}

	/** What stands behind the client's `read`. */
	read(target: number | ByteBuffer | undefined): ArrayBuffer | number | undefined {
		const count = this.unread;
		if ((target !== count && target !== undefined) || count === 0) return this.readPart(target);
		const decoder = this.decoder;
		const start = decoder.start;
		const end = start + count;
		decoder.start = end;
		decoder.remaining -= count;
		this.unread = 0;
		if (this.#left) this.resume();
		return decoder.buffer.slice(start, end);
	}

	// Not #methods: each would take a slot of each instance on XS.
	private readPart(target: number | ByteBuffer | undefined): ArrayBuffer | number | undefined {
		const decoder = this.decoder;
		const start = decoder.start;
		let count = this.unread;
		let result: ArrayBuffer | number;
		if (target === undefined || typeof target === "number") {
			if (!this.reading && this.#sender.socket === undefined) throw new MQTTError("closed", "read after close");
			if (target !== undefined) {
				if (!(target >= 0)) invalid(`read: ${target} bytes`);
				// So that an empty message can be read as any other.
				if (target === 0) return new ArrayBuffer(0);
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
		if (this.#left && this.unread === 0) this.resume();
		return result;
	}

	/** Outside of `onReadable` the last byte was read: no callback may come from within that call. */
	private resume(): void {
		this.#resume ??= Timer.set(() => {
			this.#resume = undefined;
			this.goOn();
		}, 0);
	}

	/** Goes on after the application read what it had left or threw, or there is room for acknowledgements again. */
	private goOn(): void {
		this.#left = this.unread !== 0;
		if (this.#left || !this.reading) return;
		if (!this.#connected && !this.login()) return;
		this.#paused = false;
		if (this.#acknowledge === 0 || this.decoder.remaining > 0 || this.complete()) this.drain();
	}

	/** First come CONNACK and, in MQTT 5.0, AUTH: nothing else. False as long as CONNACK did not come. */
	private login(): boolean {
		const decoder = this.decoder;
		while (this.reading && !this.#connected) {
			const type = decoder.next();
			if (type === BAD) this.#hooks.broken(this.#owner, decoder.error!);
			else if (type !== NONE) this.#hooks.received(this.#owner, type);
			else if (!this.fill()) return false;
		}
		return this.reading;
	}

	/** As many bytes as an acknowledgement has, without a reason: most often it is one, and recognised at once. */
	private single(): void {
		const decoder = this.decoder;
		const count = this.#sender.socket!.read(this.#acknowledgement!);
		const bytes = decoder.bytes;
		if (count === acknowledgementSize && bytes[1] === 2) {
			const id = (bytes[2]! << 8) | bytes[3]!;
			if (bytes[0] === pubackHeader && id !== 0) {
				this.#sender.identifiers?.release(id);
				const message: ControlMessage = { operation: PUBACK, id };
				if (decoder.modern) message.reasonCode = 0;
				this.#onControl?.call(this.#owner as never, message);
				return;
			}
			if (id !== 0 && this.step(bytes[0]!, id)) return;
		}
		decoder.start = 0;
		decoder.end = count ?? 0;
		this.drain();
	}

	/** PUBREC, PUBREL or PUBCOMP. False when it is none of them. */
	private step(first: number, id: number): boolean {
		const type = first >> 4;
		const decoder = this.decoder;
		if (type < PUBREC || type > PUBCOMP || (first & 15) !== (type === PUBREL ? 2 : 0)) return false;
		decoder.id = id;
		this.#quiet = false;
		if (type === PUBREC) this.#acknowledge = PUBREL;
		else if (type === PUBREL) this.#acknowledge = PUBCOMP;
		else this.#sender.identifiers?.release(id);
		const message: ControlMessage = { operation: type, id };
		if (decoder.modern) message.reasonCode = 0;
		this.#onControl?.call(this.#owner as never, message);
		if (this.reading) this.#quiet = this.#acknowledge === 0 || this.complete();
		return true;
	}

	/** Only the host's callbacks lead here, and these never nest (ECMA-419 §8). All in one, because a node does it all day. */
	private drain(): void {
		const decoder = this.decoder;
		this.#quiet = false;
		for (;;) {
			if (decoder.start === decoder.end) {
				const arrived = this.#arrived;
				if (arrived === 0) {
					this.#quiet = decoder.remaining === 0;
					break;
				}
				const target = arrived === this.#viewSize ? this.#view! : this.look(arrived);
				const count = this.#sender.socket!.read(target) ?? 0;
				decoder.start = 0;
				decoder.end = count;
				this.#arrived = count === arrived ? 0 : this.left(target, count);
				if (count === 0) break;
			}
			const type = decoder.next();
			if (type === PUBLISH) {
				const QoS = decoder.QoS;
				if (QoS !== 0) this.#acknowledge = QoS === 1 ? PUBACK : PUBREC;
				const onReadable = this.#onReadable;
				if (onReadable) {
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
					if (decoder.properties !== undefined) info.properties = decoder.properties;
					onReadable.call(this.#owner as never, count, info);
				} else if (decoder.remaining > 0) decoder.skip();
			} else if (type === NONE) {
				if (this.fill()) continue;
				break;
			} else if (type === FRAGMENT) this.announce();
			else this.other(type);
			if (this.unread !== 0 || !this.reading) {
				this.#left = this.reading;
				break;
			}
			if (this.#acknowledge !== 0 && decoder.remaining === 0 && !this.complete()) break;
		}
	}

	/** The beginning of the window, for up to `count` bytes. */
	private look(count: number): Uint8Array {
		const { bytes, buffer } = this.decoder;
		if (count > bytes.length) count = bytes.length;
		if (count !== this.#viewSize) {
			this.#view = new Uint8Array(buffer, 0, count);
			this.#viewSize = count;
		}
		return this.#view!;
	}

	/** Bytes that wait in the socket after `count` came into `target`: none when that was not filled. */
	private left(target: Uint8Array, count: number): number {
		return count < target.length ? 0 : this.#arrived - count;
	}

	/** Moves bytes from the socket behind what is in the window; false when there are none, or no room. */
	private fill(): boolean {
		const arrived = this.#arrived;
		if (arrived === 0) return false;
		const decoder = this.decoder;
		const { bytes, start } = decoder;
		if (start > 0) {
			bytes.copyWithin(0, start, decoder.end);
			decoder.end -= start;
			decoder.start = 0;
		}
		const { end } = decoder;
		const space = bytes.length - end;
		if (space === 0) return false;
		const target = new Uint8Array(decoder.buffer, end, Math.min(arrived, space));
		const count = this.#sender.socket!.read(target) ?? 0;
		decoder.end = end + count;
		this.#arrived = this.left(target, count);
		return count > 0;
	}

	private announce(): void {
		const count = this.decoder.available;
		this.unread = count;
		this.#onReadable!.call(this.#owner as never, count, { more: count < this.decoder.remaining });
	}

	private other(type: number): void {
		if (type === SKIPPED) this.skipped();
		else if (type === BAD) this.#hooks.broken(this.#owner, this.decoder.error!);
		else {
			// The answer leaves after the callback: first the application notes what was said.
			if (type === PUBREC) this.#acknowledge = this.decoder.reasonCode < failure ? PUBREL : 0;
			else if (type === PUBREL) this.#acknowledge = PUBCOMP;
			this.#hooks.received(this.#owner, type);
		}
	}

	private skipped(): void {
		const { QoS } = this.decoder;
		this.#acknowledge = QoS === 0 ? 0 : QoS === 1 ? PUBACK : PUBREC;
		this.#hooks.skipped(this.#owner);
	}

	/** What came last is over: acknowledges it. False when there is no room for that yet. */
	private complete(): boolean {
		if (!this.#sender.acknowledge(this.#acknowledge, this.decoder.id)) {
			this.pause();
			return false;
		}
		this.#acknowledge = 0;
		return true;
	}

	/** Reads no more until there is room for acknowledgements. */
	private pause(): void {
		this.#paused = true;
	}
}
