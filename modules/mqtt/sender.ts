import type TCP from "embedded:io/socket/tcp";
import type { Agreement } from "./agreement";
import { Identifiers } from "./identifiers";
import type { WriteOptions } from "./options";
import {
	bytesOf,
	checkId,
	checkQoS,
	DUPLICATE_FLAG,
	encodeAcknowledgement,
	encodeDisconnect,
	encodeSubscribe,
	lengthSize,
	MAXIMUM_LENGTH,
	RETAIN_FLAG,
	stampPublish,
	writeLength,
} from "./packet/encoder";
import { invalid, MQTTError } from "./packet/error";
import { encodeTopic } from "./packet/topic";
import {
	AUTH,
	DISCONNECT,
	PINGREQ,
	PUBACK,
	PUBCOMP,
	PUBLISH,
	PUBREC,
	PUBREL,
	packetNames,
	SUBSCRIBE,
	UNSUBSCRIBE,
} from "./packet/types";

/** Bytes of acknowledgements and the like that can wait, and where the one that leaves at once is put together. */
const heldSize = 60;
const controlSize = heldSize + 4;
/** PUBLISH packets of up to so many bytes leave in one write. */
const scratchSize = 192;
/** Where the topic stands in the scratch buffer: behind a fixed header of the greatest length. */
const topicAt = 5;
/** Where a packet begins whose remaining length takes one byte, and before which offset it ends. */
const shortStart = topicAt - 2;
const shortEnd = topicAt + 128;
/** Bytes of protocol overhead that `write` and `onWritable` set aside. */
export const overhead = 8;
const more = Object.freeze({ more: true });

/** What a sender asks of its owner; one table for all, because a closure for each takes 160 bytes on XS. */
export interface SenderHooks<Owner> {
	/** @throws MQTTError when the connection does not stand; AUTH may be written before CONNACK, too */
	check(owner: Owner, operation: number | undefined): void;
	/** DISCONNECT was written. */
	disconnecting(owner: Owner): void;
	/** The socket refused what it had allowed: the connection is gone. */
	lost(owner: Owner, error: unknown): void;
}

/**
 * The outgoing half of a connection: packets leave whole and in order, and never more bytes than the socket allows
 * (ECMA-419 §10.13). Short acknowledgements wait in a small buffer while a larger packet is under way. Buffers are made when
 * they are first needed: a layer above that uses `send` only needs none for PUBLISH.
 */
export class Sender<Owner = unknown> {
	/** The socket to write to, once there is one. */
	socket: TCP | undefined = undefined;
	/** Identifiers that this client gave out, once it gave one. */
	identifiers: Identifiers | undefined = undefined;
	/** In MQTT 5.0: what was agreed on with the server. */
	agreement: Agreement | undefined = undefined;
	/** Bytes that the socket takes now. */
	writable = 0;
	/** No packet is under way: another can start. False as long as the connection does not stand. */
	idle = false;
	/** Bytes were sent since this was last cleared. */
	sent = false;
	/** Bytes of acknowledgements and the like that wait for their turn. */
	held = 0;
	/** Bytes of a PUBLISH written in fragments that are still to come. */
	#outstanding = 0;
	readonly #owner: Owner;
	readonly #hooks: SenderHooks<Owner>;
	#open = false;
	readonly #receiveBuffer: number;
	/** A PUBLISH is put together here. What it begins with is kept, for a next one of the same topic. */
	#scratch: Uint8Array | undefined;
	/** Its part that was written last, if that was a short packet: it ends at `#viewEnd`, else that is 0. */
	#view: Uint8Array | undefined;
	#viewEnd = 0;
	#topic: string | null = null;
	#topicEnd = 0;
	#control: Uint8Array | undefined;
	#acknowledgement: Uint8Array | undefined;
	/** A packet that is larger than what the socket took; or CONNECT, before there is a socket. */
	#packet: Uint8Array | undefined;
	#offset = 0;

	/**
	 * @param receiveBuffer bytes that a SUBACK has to fit into
	 */
	constructor(owner: Owner, hooks: SenderHooks<Owner>, receiveBuffer: number) {
		this.#owner = owner;
		this.#hooks = hooks;
		this.#receiveBuffer = receiveBuffer;
	}

	/** Nothing waits any more, and nothing is written. */
	close(): void {
		this.socket = this.#packet = undefined;
		this.writable = this.#outstanding = this.held = 0;
		this.open = false;
	}

	/** The connection stands: the application may write. */
	set open(open: boolean) {
		this.#open = open;
		this.idle = open && this.free;
	}

	/** Nothing is under way. */
	private get free(): boolean {
		return this.#packet === undefined && this.#outstanding === 0 && this.held === 0;
	}

	/** Bytes wait for the socket. */
	get waiting(): boolean {
		if (this.#outstanding > 0) return this.writable <= overhead;
		return this.#packet !== undefined || this.held > 0;
	}

	/**
	 * What stands behind the client's `write`. Publishing comes first in it, because it is what a node does all day: short,
	 * and on the topic of the message before.
	 *
	 * @returns bytes that may be written now
	 * @throws MQTTError `busy`, `overflow`, `invalid`, `identifiers-exhausted`, what `check` throws, and what the socket throws
	 */
	write(data: ByteBuffer | null | undefined, options: WriteOptions | null | undefined): number {
		if (
			!this.idle ||
			!options ||
			options.topic !== this.#topic ||
			options.operation !== undefined ||
			options.properties !== undefined
		)
			return this.rare(data, options);
		const here = data ? data.byteLength : 0;
		const QoS = options.QoS;
		let at = this.#topicEnd;
		if (QoS) at += 2;
		const end = at + here;
		// Short: one byte of remaining length, and the whole packet in one write. Also false when `data` is no buffer.
		if (!(end < shortEnd) || options.byteLength !== undefined) return this.long(data, options, at, here);
		if (end - shortStart > this.writable) this.overflow(end - shortStart);
		const scratch = this.#scratch!;
		let first = 0x30;
		if (QoS) {
			const id = this.identify(options.id, QoS);
			scratch[at - 2] = id >> 8;
			scratch[at - 1] = id;
			first |= QoS << 1;
			if (options.duplicate) first |= DUPLICATE_FLAG;
		}
		scratch[shortStart] = options.retain ? first | RETAIN_FLAG : first;
		// Uint8Array and its like need no view.
		if (here > 0) scratch.set((data as Uint8Array).BYTES_PER_ELEMENT === 1 ? (data as Uint8Array) : bytesOf(data!), at);
		if (end !== this.#viewEnd) this.look(end);
		this.sent = true;
		const writable = (this.writable = this.socket!.write(this.#view!));
		return writable > overhead ? writable - overhead : 0;
	}

	// Not #methods: each would take a slot of each instance on XS.
	/** A PUBLISH of any length, or its first fragment. */
	private long(data: ByteBuffer | null | undefined, options: WriteOptions, at: number, here: number): number {
		const total = totalOf(options, here);
		const length = at + total - topicAt;
		if (length > MAXIMUM_LENGTH) invalid(`byteLength: ${total} does not fit a packet`, "MQTT-2.2.3");
		const start = topicAt - 1 - lengthSize(length);
		const end = at + here;
		if (end - start > this.writable) this.overflow(end - start);
		const scratch = this.#scratch!;
		const QoS = options.QoS ?? 0;
		if (QoS !== 0) {
			const id = this.identify(options.id, QoS);
			scratch[at - 2] = id >> 8;
			scratch[at - 1] = id;
		}
		scratch[start] = 0x30 | (QoS << 1) | (options.retain ? RETAIN_FLAG : 0);
		if (QoS !== 0 && options.duplicate) scratch[start]! |= DUPLICATE_FLAG;
		writeLength(scratch, start + 1, length);
		const whole = end <= scratchSize;
		if (whole && here > 0) scratch.set(bytesOf(data!), at);
		this.#viewEnd = 0;
		this.sent = true;
		let writable = this.socket!.write(scratch.subarray(start, whole ? end : at), whole ? undefined : more);
		if (!whole && here > 0) writable = this.socket!.write(data!);
		this.writable = writable;
		if (total > here) {
			this.#outstanding = total - here;
			this.idle = false;
		}
		return writable > overhead ? writable - overhead : 0;
	}

	/** The identifier of a message or request: the given one, or a free one. In use from now on. */
	private identify(id: number | undefined, QoS: number): number {
		if (QoS !== 1) checkQoS(QoS, "PUBLISH");
		if (this.identifiers === undefined) this.identifiers = new Identifiers();
		if (id === undefined) return this.identifiers.allocate();
		this.identifiers.claim(checkId(id));
		return id;
	}

	/** Puts the bytes of a topic in their place. Before them is room for the fixed header of any length. */
	private prepare(topic: string): void {
		const bytes = encodeTopic(topic);
		const length = bytes.length;
		const end = topicAt + 2 + length;
		let scratch = this.#scratch;
		if (scratch === undefined || end + 2 > scratch.length) {
			scratch = this.#scratch = new Uint8Array(Math.max(scratchSize, end + 2));
			this.#viewEnd = 0;
		}
		scratch[topicAt] = length >> 8;
		scratch[topicAt + 1] = length;
		scratch.set(bytes, topicAt + 2);
		this.#topic = topic;
		this.#topicEnd = end;
	}

	/** A short packet of another length than the one before. */
	private look(end: number): void {
		const scratch = this.#scratch!;
		scratch[shortStart + 1] = end - topicAt;
		this.#view = scratch.subarray(shortStart, end);
		this.#viewEnd = end;
	}

	private rare(data: ByteBuffer | null | undefined, options: WriteOptions | null | undefined): number {
		this.#hooks.check(this.#owner, options?.operation);
		if (!options) this.fragment(data);
		else if (options.operation !== undefined && options.operation !== PUBLISH) this.operate(options.operation, options);
		else if (!this.idle) this.refuse();
		else {
			const topic = textOf(options.topic);
			if (this.agreement !== undefined) return this.publish(data, options, topic, this.agreement);
			if (options.properties !== undefined) invalid("properties: need MQTT 5.0");
			if (topic !== this.#topic) this.prepare(topic);
			const plain = options.topic === topic && options.operation === undefined;
			return this.write(data, plain ? options : { ...options, topic, operation: undefined });
		}
		return this.writable > overhead ? this.writable - overhead : 0;
	}

	/** A PUBLISH of MQTT 5.0, or its first fragment. */
	private publish(
		data: ByteBuffer | null | undefined,
		options: WriteOptions,
		topic: string,
		agreement: Agreement,
	): number {
		const here = data ? data.byteLength : 0;
		const total = totalOf(options, here);
		// A short payload leaves in one piece with what is before it.
		const room = here <= scratchSize ? here : 0;
		const head = agreement.head(options, topic, total, room);
		const size = head.length - room + here;
		if (size > this.writable) this.overflow(size);
		if (room > 0) head.set(bytesOf(data!), head.length - room);
		if (options.QoS) stampPublish(head, this.identify(options.id, 1), !!options.duplicate);
		this.sent = true;
		this.writable = this.socket!.write(head, room < here ? more : undefined);
		if (room < here) this.writable = this.socket!.write(data!);
		agreement.sent();
		if (total > here) {
			this.#outstanding = total - here;
			this.idle = false;
		}
		return this.writable > overhead ? this.writable - overhead : 0;
	}

	private fragment(data: ByteBuffer | null | undefined): void {
		const count = data ? data.byteLength : 0;
		const outstanding = this.#outstanding;
		if (outstanding === 0) invalid("write: no PUBLISH is under way, options are needed");
		if (!(count <= outstanding)) invalid(`write: ${count} bytes, the message lacks only ${outstanding}`);
		if (count > this.writable) this.overflow(count);
		if (count === 0) return;
		this.sent = true;
		this.writable = this.socket!.write(data!);
		this.#outstanding = outstanding - count;
		if (count === outstanding) this.flush();
	}

	/** Acknowledgements and PINGREQ wait while another packet is under way; SUBSCRIBE and UNSUBSCRIBE do not. */
	private operate(operation: number, options: WriteOptions): void {
		const { reasonCode, properties } = options;
		if (this.agreement === undefined && (reasonCode !== undefined || properties !== undefined))
			invalid(`${packetNames[operation]}: reasonCode and properties need MQTT 5.0`);
		switch (operation) {
			case SUBSCRIBE:
			case UNSUBSCRIBE:
				this.request(operation, options);
				break;
			case PUBACK:
			case PUBREC:
			case PUBREL:
			case PUBCOMP: {
				const id = checkId(options.id!);
				if (reasonCode || properties) this.explain(encodeAcknowledgement(operation, id, reasonCode, properties));
				else if (!this.acknowledge(operation, id)) this.refuse();
				break;
			}
			case PINGREQ:
				if (!this.bare(operation)) this.refuse();
				break;
			case DISCONNECT:
				if (this.#outstanding > 0) this.refuse();
				if (reasonCode || properties) this.explain(this.agreement!.disconnect(options));
				else if (!this.bare(operation)) this.refuse();
				this.#hooks.disconnecting(this.#owner);
				break;
			case AUTH:
				if (this.agreement === undefined) unsendable(operation);
				this.explain(this.agreement.authenticate(options));
				break;
			default:
				unsendable(operation);
		}
	}

	private request(operation: typeof SUBSCRIBE | typeof UNSUBSCRIBE, options: WriteOptions): void {
		if (!this.idle) this.refuse();
		const { properties } = options;
		const items = options.items?.map((item) =>
			typeof item.topic === "string" ? item : { ...item, topic: textOf(item.topic) },
		);
		if (items && items.length + 5 > this.#receiveBuffer)
			invalid(`items: ${items.length}, their SUBACK would not fit receiveBuffer`);
		const version = this.agreement === undefined ? 4 : 5;
		const bytes = encodeSubscribe(operation, options.id ?? 1, items!, version, properties);
		if (this.agreement !== undefined) {
			this.agreement.checkItems(operation === SUBSCRIBE ? items! : [], properties);
			this.agreement.checkSize(bytes.length);
		}
		const id = this.identify(options.id, 1);
		let at = 1;
		while (bytes[at]! > 127) at++;
		bytes[at + 1] = id >> 8;
		bytes[at + 2] = id;
		this.send(bytes);
	}

	/** A control packet with a reason or properties: it waits if it is short, else it needs the connection for itself. */
	private explain(bytes: Uint8Array): void {
		this.agreement!.checkSize(bytes.length);
		if (bytes.length <= this.writable && this.free) this.put(bytes);
		else if (!this.short(bytes, heldSize - 4)) {
			if (!this.free) this.refuse();
			this.send(bytes);
		}
	}

	/** MQTT 5.0: says why the connection is about to be closed, if that is possible now. */
	farewell(reasonCode: number): void {
		const bytes = encodeDisconnect(reasonCode);
		if (!this.free || bytes.length > this.writable) return;
		try {
			this.socket!.write(bytes);
		} catch {
			// It is over in any case.
		}
	}

	/** @throws MQTTError `busy` */
	refuse(): never {
		const why = this.#outstanding > 0 ? `a PUBLISH lacks ${this.#outstanding} bytes` : "a packet is being sent";
		throw new MQTTError("busy", `write: ${why}, wait for onWritable`);
	}

	private overflow(size: number): never {
		throw new MQTTError("overflow", `write: ${size} bytes, ${this.writable} may be written`);
	}

	/** Sends a packet as the socket allows; it is not copied. Only when `idle`, or before there is a socket. */
	send(packet: Uint8Array): void {
		if (this.agreement !== undefined) this.agreement.checkSize(packet.length);
		if (packet.length <= this.writable) {
			this.put(packet);
			return;
		}
		this.#packet = packet;
		this.#offset = 0;
		this.idle = false;
		this.flush();
	}

	/** Sends or queues PUBACK, PUBREC, PUBREL or PUBCOMP. Returns false when there is no room. */
	acknowledge(type: number, id: number): boolean {
		let bytes = this.#acknowledgement;
		if (bytes === undefined) {
			bytes = this.#acknowledgement = this.control.subarray(heldSize);
			bytes[1] = 2;
		}
		bytes[0] = type === PUBREL ? 0x62 : type << 4;
		bytes[2] = id >> 8;
		bytes[3] = id;
		return this.short(bytes, heldSize - 4);
	}

	/** Sends or queues a packet without content, such as PINGREQ. Returns false when there is no room. */
	bare(type: number): boolean {
		return this.short(new Uint8Array([type << 4, 0]), heldSize);
	}

	private get control(): Uint8Array {
		if (this.#control === undefined) this.#control = new Uint8Array(controlSize);
		return this.#control;
	}

	/** Acknowledgements leave room for the others: a PINGREQ must not be lost. */
	private short(bytes: Uint8Array, limit: number): boolean {
		const length = bytes.length;
		if (length <= this.writable && this.idle) {
			this.put(bytes);
			return true;
		}
		if (this.held + length > limit) return false;
		this.control.set(bytes, this.held);
		this.held += length;
		this.idle = false;
		return true;
	}

	private put(bytes: Uint8Array): void {
		this.sent = true;
		try {
			// Moddable's TCP returns undefined once the connection failed.
			this.writable = (this.socket!.write(bytes) as number | undefined) ?? 0;
		} catch (error) {
			this.writable = 0;
			this.#hooks.lost(this.#owner, error);
		}
	}

	/** Sends what waits, as far as the socket allows. */
	flush(): void {
		const packet = this.#packet;
		if (packet !== undefined) {
			const rest = packet.length - this.#offset;
			const count = Math.min(rest, this.writable);
			if (count === 0) return;
			const from = this.#offset;
			this.#offset += count;
			if (count === rest) this.#packet = undefined;
			this.put(packet.subarray(from, from + count));
			if (count < rest) return;
		}
		if (this.#outstanding > 0) return;
		const count = Math.min(this.held, this.writable);
		if (count > 0) {
			const control = this.control;
			const bytes = control.slice(0, count);
			control.copyWithin(0, count, this.held);
			this.held -= count;
			this.put(bytes);
		}
		this.idle = this.#open && this.held === 0;
	}
}

/** @throws MQTTError `invalid`: `data` is no buffer, or more than the whole payload */
function totalOf({ byteLength }: WriteOptions, here: number): number {
	if (!(here >= 0)) invalid("data: expected an ArrayBuffer or a view on one");
	const total = byteLength ?? here;
	if (!(total >= here)) invalid(`byteLength: ${total} is less than the ${here} bytes of data`);
	return total;
}

/** Moddable's examples give topics as ArrayBuffers, too. What is neither is refused later. */
function textOf(topic: unknown): string {
	return topic instanceof ArrayBuffer ? String.fromArrayBuffer(topic) : (topic as string);
}

function unsendable(operation: number): never {
	invalid(`operation: ${packetNames[operation] ?? operation} is not for a client to send`);
}
