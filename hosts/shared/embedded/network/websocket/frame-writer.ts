import type TCP from "embedded:io/socket/tcp";
import { requireInteger } from "../../options";
import { mask, maskMore } from "./host";
import { BINARY, CLOSE, CONTINUATION, isStatusCode, LONGEST_CONTROL, PONG, TEXT } from "./opcodes";
import { checkText, ILL_FORMED } from "./text";

const OWNER = "WebSocketClient write";

/** The longest header of a frame, and of it, the masking key. */
const HEADER = 14;
const KEY = 4;
/** Frames of up to so many bytes of payload leave in one write; larger ones in several. */
const CHUNK = 498;

const FINAL = 0x80;
const MASKED = 0x80;
const more = Object.freeze({ more: true });

/** Writes frames (RFC 6455 §5.2), masked when this end is the client, through one small buffer. */
export class FrameWriter {
	/** Bytes that the socket takes now, headers and all. */
	writable = 0;
	socket: TCP | undefined;
	/** Bytes of a masking key. */
	readonly #mask: number;
	/** A header ends, and a payload begins, at HEADER. */
	readonly #frame: Uint8Array;
	readonly #payload: Uint8Array;
	/** The masking key, and the payload behind it. */
	readonly #masked: Uint8Array;
	/** What was written last: mostly the next has the same size. */
	#view: Uint8Array;
	/** The opcode of a message that was begun and not ended; 0 between messages. */
	#message = 0;
	/** Of `checkText`, within a text. */
	#text = 0;
	/** Answers that wait for room in the socket. */
	#pong: ArrayBuffer | undefined;
	#close: ArrayBuffer | undefined;

	constructor(masking: boolean) {
		this.#mask = masking ? KEY : 0;
		this.#frame = this.#view = new Uint8Array(HEADER + CHUNK);
		this.#payload = new Uint8Array(this.#frame.buffer, HEADER);
		this.#masked = new Uint8Array(this.#frame.buffer, HEADER - KEY);
	}

	/** Bytes of payload that a frame may have now. */
	get room(): number {
		const left = this.writable - this.#mask;
		if (left - 10 > 0xffff) return left - 10;
		return Math.max(0, Math.min(left - 2, LONGEST_CONTROL), Math.min(left - 4, 0xffff));
	}

	/**
	 * Writes a message, or a part of one.
	 *
	 * @throws TypeError: a text that is not UTF-8, for which the peer would end the connection; Error: no room; what the socket throws
	 */
	message(payload: ByteBuffer, binary: boolean, unfinished: boolean): void {
		this.#checkRoom(payload.byteLength);
		const message = this.#message || (binary ? BINARY : TEXT);
		if (message === TEXT) {
			const text = checkText(partOf(payload, 0), 0, payload.byteLength, this.#text);
			if (text === ILL_FORMED || (text !== 0 && !unfinished)) throw new TypeError(`${OWNER}: the text is not UTF-8`);
			this.#text = text;
		}
		const opcode = this.#message === 0 ? message : CONTINUATION;
		this.#message = unfinished ? message : 0;
		this.#write(unfinished ? opcode : FINAL | opcode, payload);
	}

	/** Writes a control frame. @throws RangeError and TypeError: one that the RFC does not allow; Error: no room; what the socket throws */
	control(opcode: number, payload: ByteBuffer): void {
		const { byteLength } = payload;
		requireInteger(OWNER, "opcode", opcode, CLOSE, PONG);
		if (byteLength > LONGEST_CONTROL)
			throw new RangeError(`${OWNER}: a control message has at most ${LONGEST_CONTROL} bytes, not ${byteLength}`);
		if (opcode === CLOSE && byteLength > 0) {
			const bytes = partOf(payload, 0);
			const code = byteLength === 1 ? 0 : (bytes[0]! << 8) | bytes[1]!;
			if (!isStatusCode(code)) throw new RangeError(`${OWNER}: ${code} is not a status code for Close`);
			if (checkText(bytes, 2, byteLength, 0) !== 0) throw new TypeError(`${OWNER}: the reason is not UTF-8`);
		}
		this.#checkRoom(byteLength);
		this.#write(FINAL | opcode, payload);
	}

	/** Writes a Pong or a Close as soon as there is room for it; of several Pongs, the last (RFC 6455 §5.5.3). */
	answer(opcode: number, payload: ArrayBuffer): void {
		if (opcode === PONG) this.#pong = payload;
		else this.#close = payload;
		this.flush();
	}

	/** Writes the answers that wait, as far as there is room for them. @throws what the socket throws */
	flush(): void {
		const { socket } = this;
		const pong = this.#pong;
		if (socket && pong && this.#fits(pong.byteLength)) {
			this.#pong = undefined;
			this.#write(FINAL | PONG, pong);
		}
		const close = this.#close;
		if (socket && close && this.#fits(close.byteLength)) {
			this.#close = undefined;
			this.#write(FINAL | CLOSE, close);
		}
	}

	#checkRoom(length: number): void {
		if (!this.#fits(length))
			throw new Error(`${OWNER}: ${length} bytes, but only ${this.room} are writable (wait for onWritable)`);
	}

	#fits(length: number): boolean {
		return 2 + sizeOf(length) + this.#mask + length <= this.writable;
	}

	#write(first: number, payload: ByteBuffer): void {
		const frame = this.#frame;
		const length = payload.byteLength;
		let start = HEADER - this.#mask;
		const size = sizeOf(length);
		for (let left = size, rest = length; left > 0; left--, rest = Math.floor(rest / 256)) frame[--start] = rest;
		frame[--start] = (this.#mask === 0 ? 0 : MASKED) | (size === 0 ? length : size === 2 ? 126 : 127);
		frame[--start] = first;
		if (length > CHUNK) this.#writeChunks(start, payload);
		else {
			if (this.#mask > 0) mask(this.#masked, payload);
			else this.#payload.set(partOf(payload, 0));
			this.#put(start, HEADER + length, true);
		}
	}

	/** Writes a frame that is larger than the buffer, whose header stands at `start`. */
	#writeChunks(start: number, payload: ByteBuffer): void {
		const key = this.#masked.subarray(0, KEY);
		const length = payload.byteLength;
		for (let at = 0; at < length; at += CHUNK) {
			const part = partOf(payload, at, Math.min(length - at, CHUNK));
			if (this.#mask === 0) this.#payload.set(part);
			else if (at === 0) mask(this.#masked, part);
			else maskMore(this.#payload, part, key, at);
			this.#put(at === 0 ? start : HEADER, HEADER + part.length, at + CHUNK >= length);
		}
	}

	#put(start: number, end: number, last: boolean): void {
		if (this.#view.byteOffset !== start || this.#view.length !== end - start)
			this.#view = new Uint8Array(this.#frame.buffer, start, end - start);
		// Moddable's TCP returns undefined once the connection failed.
		this.writable = (this.socket!.write(this.#view, last ? undefined : more) as number | undefined) ?? 0;
	}
}

/** Bytes of the extended length in a header. */
function sizeOf(length: number): number {
	if (length <= LONGEST_CONTROL) return 0;
	return length <= 0xffff ? 2 : 8;
}

/** Some of the bytes of a buffer. */
export function partOf(data: ByteBuffer, offset: number, length = data.byteLength - offset): Uint8Array {
	return ArrayBuffer.isView(data)
		? new Uint8Array(data.buffer, data.byteOffset + offset, length)
		: new Uint8Array(data, offset, length);
}
