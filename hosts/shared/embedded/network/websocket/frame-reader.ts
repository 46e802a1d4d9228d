import {
	BINARY,
	CLOSE,
	CONTINUATION,
	INVALID_TEXT,
	isStatusCode,
	LONGEST_CONTROL,
	PONG,
	PROTOCOL_ERROR,
	TEXT,
	TOO_BIG,
} from "./opcodes";
import { checkText, ILL_FORMED, incomplete } from "./text";

/** `next`: more bytes are needed. */
export const NONE = 0;
/** `next`: `available` bytes of a message stand at `start`. 0 bytes: only its end. */
export const DATA = 1;
/** `next`: a control frame came, in `opcode` and `control`. */
export const CONTROL = 2;
/** `next`: this is no WebSocket: `closeCode` and `problem` say why. For good. */
export const BAD = -1;

/** Bytes of the window: a control frame fits, and so does what an MQTT node usually gets in one go. */
export const WINDOW = 512;
/** Where the window begins, so that what lacks of a character (3 bytes) fits between it and a frame's payload. */
const FIRST = 1;

const HEADER = 0;
const PAYLOAD = 1;
const CONTROL_PAYLOAD = 2;

/**
 * Takes frames apart (RFC 6455 §5). Bytes are put into a window of fixed size; payload of any length passes through it, text
 * checked, and never cut within a character. Nothing grows with what arrives.
 */
export class FrameReader {
	/** The window: `bytes[start..end)` arrived and is not consumed yet. */
	readonly bytes = new Uint8Array(FIRST + WINDOW);
	start = FIRST;
	end = FIRST;
	/** After DATA: bytes to be consumed before `next` is called again. */
	available = 0;
	/** More of this message follows. */
	more = false;
	binary = false;
	opcode = 0;
	/** Payload of the control frame. */
	control!: ArrayBuffer;
	closeCode = 0;
	problem = "";
	/** The other end is a client: it masks (RFC 6455 §5.1). */
	readonly #masked: boolean;
	#state = HEADER;
	#final = false;
	/** TEXT or BINARY while a message is under way, else 0. */
	#message = 0;
	/** Bytes of the frame's payload that were not looked at yet. */
	#remaining = 0;
	#mask = 0;
	/** Bytes of the frame's payload that were looked at. */
	#offset = 0;
	/** Of `checkText`. The bytes of a character that is not whole yet stand behind those that are `available`. */
	#text = 0;
	/** They had to make way for a frame's header: up to 3 bytes, one after the other. */
	#carried = 0;
	#view: Uint8Array;
	#part: Uint8Array;

	constructor(masked: boolean) {
		this.#masked = masked;
		this.#view = this.#part = this.bytes;
	}

	/** A place for at most `count` bytes that have arrived; when they are there, add their number to `end`. */
	target(count: number): Uint8Array {
		if (this.start === this.end) this.start = this.end = FIRST;
		else if (this.start > FIRST && this.end + count > this.bytes.length) {
			this.bytes.copyWithin(FIRST, this.start, this.end);
			this.end -= this.start - FIRST;
			this.start = FIRST;
		}
		const length = Math.min(count, this.bytes.length - this.end);
		if (this.#view.byteOffset !== this.end || this.#view.length !== length)
			this.#view = new Uint8Array(this.bytes.buffer, this.end, length);
		return this.#view;
	}

	/** Some of the window: a view that was asked for before is not made again. */
	part(start: number, count: number): Uint8Array {
		if (this.#part.byteOffset !== start || this.#part.length !== count)
			this.#part = new Uint8Array(this.bytes.buffer, start, count);
		return this.#part;
	}

	/** What comes next. Only when nothing is `available` any more. */
	next(): number {
		for (;;) {
			if (this.#state === PAYLOAD) {
				const result = this.#payload();
				if (result !== NONE || this.#state === PAYLOAD) return result;
			} else if (this.#state === CONTROL_PAYLOAD) return this.#control();
			else {
				const result = this.#header();
				if (result !== DATA) return result;
			}
		}
	}

	/** DATA when there was a whole header. */
	#header(): number {
		this.#carry();
		const { bytes, start } = this;
		const there = this.end - start;
		if (there === 0) return NONE;
		const first = bytes[start]!;
		const opcode = first & 15;
		if (first & 0x70) return this.#bad(PROTOCOL_ERROR, "a reserved bit is set, and no extension was agreed on");
		const problem = this.#problemOf(opcode, first >= 128);
		if (problem !== undefined) return this.#bad(PROTOCOL_ERROR, problem);
		if (there === 1) return NONE;
		const second = bytes[start + 1]!;
		if (second >= 128 !== this.#masked)
			return this.#bad(PROTOCOL_ERROR, this.#masked ? "a frame is not masked" : "a frame of the server is masked");
		let length = second & 127;
		if (opcode >= CLOSE && length > LONGEST_CONTROL)
			return this.#bad(PROTOCOL_ERROR, "a control frame is longer than 125 bytes");
		let at = start + 2 + (length === 126 ? 2 : length === 127 ? 8 : 0);
		const size = at - start + (this.#masked ? 4 : 0);
		if (there < size) return NONE;
		if (length > 125) {
			length = this.#length(at, at - start - 2);
			if (length < 0) return BAD;
		}
		if (this.#masked) {
			this.#mask = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
			at += 4;
		}
		this.start = at;
		this.#begin(opcode, first >= 128, length);
		return DATA;
	}

	#problemOf(opcode: number, final: boolean): string | undefined {
		if (opcode === CONTINUATION) return this.#message === 0 ? "a continuation of no message" : undefined;
		if (opcode <= BINARY) return this.#message === 0 ? undefined : "a message begins within another";
		if (opcode < CLOSE || opcode > PONG) return `opcode ${opcode} is unknown`;
		return final ? undefined : "a control frame is fragmented";
	}

	/** The length in the `size` bytes before `at`; negative when it is a wrong one. */
	#length(at: number, size: number): number {
		let length = 0;
		if (size === 8 && this.bytes[at - 8]! >= 128) return this.#bad(PROTOCOL_ERROR, "a length has its highest bit set");
		for (let index = at - size; index < at; index++) length = length * 256 + this.bytes[index]!;
		if (length < (size === 2 ? 126 : 65536))
			return this.#bad(PROTOCOL_ERROR, "a length takes more bytes than it needs");
		if (length > Number.MAX_SAFE_INTEGER) return this.#bad(TOO_BIG, "a frame is longer than can be counted");
		return length;
	}

	#begin(opcode: number, final: boolean, length: number): void {
		this.#remaining = length;
		this.#offset = 0;
		if (opcode >= CLOSE) {
			this.opcode = opcode;
			this.#state = CONTROL_PAYLOAD;
			return;
		}
		this.#state = PAYLOAD;
		this.#final = final;
		if (opcode !== CONTINUATION) {
			this.#message = opcode;
			this.binary = opcode === BINARY;
		} else this.#putBack();
	}

	/** Keeps the bytes of a character that is not whole apart, for the header of the next frame stands behind them. */
	#carry(): void {
		if (this.#text === 0 || this.#carried !== 0) return;
		for (let left = incomplete(this.#text); left > 0; left--)
			this.#carried = (this.#carried << 8) | this.bytes[this.start++]!;
	}

	/** Puts them before the payload that goes on with them. */
	#putBack(): void {
		for (let left = incomplete(this.#text); left > 0; left--) {
			this.bytes[--this.start] = this.#carried;
			this.#carried >>>= 8;
		}
	}

	#payload(): number {
		const { bytes, start } = this;
		const before = incomplete(this.#text);
		const from = start + before;
		const count = Math.min(this.end - from, this.#remaining);
		const to = from + count;
		if (this.#masked) this.#unmask(from, to);
		this.#remaining -= count;
		const last = this.#remaining === 0;
		if (this.#message === TEXT) {
			const text = checkText(bytes, from, to, this.#text);
			if (text === ILL_FORMED || (last && this.#final && text !== 0))
				return this.#bad(INVALID_TEXT, "a text is not UTF-8");
			this.#text = text;
		}
		this.available = to - start - incomplete(this.#text);
		this.more = !(last && this.#final);
		if (last) this.#state = HEADER;
		if (!this.more) this.#message = 0;
		return this.available > 0 || !this.more ? DATA : NONE;
	}

	#control(): number {
		const { start } = this;
		const length = this.#remaining;
		if (this.end - start < length) return NONE;
		if (this.#masked) this.#unmask(start, start + length);
		this.start += length;
		this.#remaining = 0;
		this.#state = HEADER;
		if (this.opcode === CLOSE && length > 0 && !this.#isClose(start, length)) return BAD;
		this.control = this.bytes.buffer.slice(start, start + length) as ArrayBuffer;
		return CONTROL;
	}

	/** RFC 6455 §5.5.1 */
	#isClose(start: number, length: number): boolean {
		const { bytes } = this;
		const code = length === 1 ? 0 : (bytes[start]! << 8) | bytes[start + 1]!;
		if (length === 1) this.#bad(PROTOCOL_ERROR, "a Close frame with half a status code");
		else if (!isStatusCode(code)) this.#bad(PROTOCOL_ERROR, `a Close frame with status code ${code}`);
		else if (checkText(bytes, start + 2, start + length, 0) !== 0)
			this.#bad(INVALID_TEXT, "the reason in a Close frame is not UTF-8");
		else return true;
		return false;
	}

	#unmask(from: number, to: number): void {
		const { bytes } = this;
		for (let index = from; index < to; index++) bytes[index]! ^= this.#mask >>> (24 - 8 * (this.#offset++ & 3));
	}

	#bad(code: number, problem: string): number {
		this.closeCode = code;
		this.problem = problem;
		return BAD;
	}
}
