import type TCP from "embedded:io/socket/tcp";
import { protocolError } from "./error";
import { lineOf } from "./fields";

/** Bytes of the window through which heads pass. Bodies go from the socket to who reads them. */
const WINDOW = 512;
/** Bytes of all lines of an answer before its body, or behind it: what Node.js allows. */
const LONGEST_HEAD = 16_384;
/** Characters of a line that is kept. */
const LONGEST_LINE = 4096;

const LF = 10;
const CR = 13;

/** The connection, as requests and answers pass over it. */
export class Wire {
	socket: TCP | undefined;
	/** Bytes that the socket takes now. */
	writable = 0;
	/** Bytes that wait in the socket. */
	arrived = 0;
	/** Bytes of lines so far: of one head at most LONGEST_HEAD. */
	taken = 0;
	readonly #bytes = new Uint8Array(WINDOW);
	#start = 0;
	#end = 0;
	/** The beginning of a line that the window does not hold. */
	#line = "";
	/** The rest of the line is not wanted. */
	#dropping = false;

	/** Bytes that can be read. */
	get available(): number {
		return this.held + this.arrived;
	}

	/** Bytes in the window. */
	get held(): number {
		return this.#end - this.#start;
	}

	send(bytes: ByteBuffer): void {
		this.writable = this.socket!.write(bytes) ?? 0;
	}

	/** As much of `bytes` as the socket takes; returns the rest. */
	sendSome(bytes: Uint8Array): Uint8Array | undefined {
		const count = Math.min(bytes.length, this.writable);
		if (count > 0) this.send(count === bytes.length ? bytes : bytes.subarray(0, count));
		return count < bytes.length ? bytes.subarray(count) : undefined;
	}

	/** Moves what there is into `target`; returns how many bytes. */
	take(target: Uint8Array): number {
		const held = Math.min(this.held, target.length);
		if (held > 0) {
			target.set(this.#bytes.subarray(this.#start, this.#start + held));
			this.#start += held;
		}
		const wanted = Math.min(target.length - held, this.arrived);
		return wanted > 0 ? held + this.receive(target.subarray(held, held + wanted)) : held;
	}

	/** Throws away at most `count` bytes; returns how many. */
	skip(count: number): number {
		if (this.held === 0) this.fill();
		const skipped = Math.min(count, this.held);
		this.#start += skipped;
		return skipped;
	}

	/**
	 * The next line; undefined as long as it is not whole. `wants`: whether the rest of a long one, that begins so, is
	 * kept. Throws for lines without end.
	 */
	line(owner: { wants(line: string): boolean }): string | undefined {
		const bytes = this.#bytes;
		for (;;) {
			const found = bytes.indexOf(LF, this.#start);
			const whole = found >= 0 && found < this.#end;
			if (!whole && this.held < WINDOW) {
				if (this.fill()) continue;
				return undefined;
			}
			// A line's end must not be cut in two.
			const next = whole ? found + 1 : bytes[this.#end - 1] === CR ? this.#end - 1 : this.#end;
			this.taken += next - this.#start;
			if (this.taken > LONGEST_HEAD) throw protocolError(`headers without end: more than ${LONGEST_HEAD} bytes`);
			if (!this.#dropping) {
				this.#line += lineOf(bytes, this.#start, next);
				this.#dropping = !owner.wants(this.#line);
				if (this.#line.length > LONGEST_LINE)
					throw protocolError(`a line of more than ${LONGEST_LINE} bytes`, this.#line);
			}
			this.#start = next;
			if (!whole) continue;
			const line = this.#line;
			this.#line = "";
			this.#dropping = false;
			return line;
		}
	}

	/** What came of a line that is not whole. */
	peek(count: number): string {
		return this.held < count ? "" : lineOf(this.#bytes.slice(this.#start, this.#start + count), 0, count);
	}

	close(): void {
		const { socket } = this;
		this.socket = undefined;
		this.arrived = this.#start = this.#end = 0;
		this.#line = "";
		socket?.close();
	}

	/** Moves bytes from the socket into the window; false when there are none. */
	private fill(): boolean {
		if (this.arrived === 0 || this.held === WINDOW) return false;
		const bytes = this.#bytes;
		if (this.#start > 0) {
			bytes.copyWithin(0, this.#start, this.#end);
			this.#end -= this.#start;
			this.#start = 0;
		}
		const count = this.receive(bytes.subarray(this.#end, Math.min(WINDOW, this.#end + this.arrived)));
		this.#end += count;
		return count > 0;
	}

	private receive(target: Uint8Array): number {
		const count = this.socket!.read(target) ?? 0;
		this.arrived = count < target.length ? 0 : this.arrived - count;
		return count;
	}
}
