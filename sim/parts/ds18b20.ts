// Maxim DS18B20. https://www.analog.com/media/en/technical-documentation/data-sheets/DS18B20.pdf
import type { WirePart } from "../board/wire";
import { sequence, stream } from "../world/random";
import { crc8Wire } from "./crc";
import type { Surroundings } from "./surroundings";

const FAMILY = 0x28;
/** ms of a conversion with 12 bits; half of it for each bit less. */
const CONVERSION = 750;
/** Temperature register after power-up: 85 °C. */
const POWER_UP = 85 * 16;

const rom = Object.freeze({ read: 0x33, match: 0x55, skip: 0xcc, search: 0xf0, alarm: 0xec });
const command = Object.freeze({ convert: 0x44, read: 0xbe, write: 0x4e, copy: 0x48, recall: 0xb8, power: 0xb4 });

type State =
	/** Waits for a reset. */
	| "idle"
	/** Eight bits of a ROM command, then of a function command. */
	| "rom"
	| "function"
	/** Compares 64 bits of the ROM code with its own. */
	| "match"
	/** Sends a bit of its code, its complement, and hears which way the search goes. */
	| "search"
	/** Sends `#output`. */
	| "send"
	/** Hears three bytes for the scratchpad. */
	| "receive"
	/** Answers 0 while it converts. */
	| "convert";

/** Temperature sensor on a 1-Wire bus; several share a wire, each with a code of its own. */
export class DS18B20Part implements WirePart {
	readonly #around: Surroundings;
	/** The 64-bit code, least significant byte first. */
	readonly code: Uint8Array;
	readonly #scratchpad = new Uint8Array(9);
	/** TH, TL and configuration: kept without power. */
	readonly #memory = Uint8Array.of(0x4b, 0x46, 0x7f);
	#state: State = "idle";
	#bits = 0;
	#value = 0;
	#output: Uint8Array = this.#scratchpad;
	#ready: number | undefined;

	/** `serial`: makes the code; the same text, the same code. */
	constructor(around: Surroundings, serial: string) {
		this.#around = around;
		const next = sequence(stream(0, serial));
		this.code = Uint8Array.from([FAMILY, ...Array.from({ length: 6 }, () => Math.floor(next() * 256)), 0]);
		this.code[7] = crc8Wire(this.code, 7);
	}

	powerUp(): void {
		this.#state = "idle";
		this.#ready = undefined;
		this.#scratchpad.set([POWER_UP & 0xff, POWER_UP >> 8, ...this.#memory, 0xff, 0x0c, 0x10]);
	}

	reset(): boolean {
		this.#go("rom");
		return true;
	}

	slot(bit: 0 | 1): 0 | 1 {
		switch (this.#state) {
			case "rom":
			case "function":
				if (this.#hear(bit)) this.#execute(this.#state, this.#value);
				return 1;
			case "match":
				if (bit !== codeBit(this.code, this.#bits)) this.#go("idle");
				else if (++this.#bits === 64) this.#go("function");
				return 1;
			case "search":
				return this.#search(bit);
			case "send": {
				const sent = codeBit(this.#output, this.#bits);
				if (++this.#bits === this.#output.length * 8) this.#go("idle");
				return sent;
			}
			case "receive":
				if (this.#hear(bit)) this.#store();
				return 1;
			case "convert":
				this.#finish();
				return this.#ready === undefined ? 1 : 0;
			default:
				return 1;
		}
	}

	/** Collects a byte, least significant bit first; true when it is complete. */
	#hear(bit: number): boolean {
		const position = this.#bits & 7;
		this.#value = position === 0 ? bit : this.#value | (bit << position);
		this.#bits++;
		return position === 7;
	}

	#execute(state: "rom" | "function", value: number): void {
		if (state === "rom") {
			if (value === rom.read) this.#send(this.code);
			else if (value === rom.match) this.#go("match");
			else if (value === rom.skip) this.#go("function");
			else if (value === rom.search || (value === rom.alarm && this.#alarm())) this.#go("search");
			else this.#go("idle");
		} else if (value === command.convert) {
			this.#finish();
			const bits = 9 + ((this.#scratchpad[4]! >> 5) & 3);
			this.#ready = this.#around.time.now() + CONVERSION / 2 ** (12 - bits);
			this.#go("convert");
		} else if (value === command.read) {
			this.#finish();
			this.#scratchpad[8] = crc8Wire(this.#scratchpad, 8);
			this.#send(this.#scratchpad);
		} else if (value === command.write) this.#go("receive");
		else {
			if (value === command.copy) this.#memory.set(this.#scratchpad.subarray(2, 5));
			else if (value === command.recall) this.#scratchpad.set(this.#memory, 2);
			// Its own supply, and done at once: read slots give 1.
			this.#go("idle");
		}
	}

	#search(bit: 0 | 1): 0 | 1 {
		const own = codeBit(this.code, Math.floor(this.#bits / 3));
		const phase = this.#bits++ % 3;
		if (phase === 0) return own;
		if (phase === 1) return own === 1 ? 0 : 1;
		if (bit !== own) this.#go("idle");
		else if (this.#bits === 192) this.#go("function");
		return 1;
	}

	#store(): void {
		const index = this.#bits / 8 - 1;
		// Only the two resolution bits of the configuration can be set.
		this.#scratchpad[2 + index] = index === 2 ? (this.#value & 0x60) | 0x1f : this.#value;
		if (index === 2) this.#go("idle");
	}

	/** A conversion that is over goes to the scratchpad; bits beyond the resolution are 0. */
	#finish(): void {
		if (this.#ready === undefined || this.#around.time.now() < this.#ready) return;
		this.#ready = undefined;
		const unused = 3 - ((this.#scratchpad[4]! >> 5) & 3);
		const raw = (Math.round(this.#around.measure("temperature") * 16) >> unused) << unused;
		this.#scratchpad[0] = raw & 0xff;
		this.#scratchpad[1] = (raw >> 8) & 0xff;
	}

	#alarm(): boolean {
		const degrees = ((this.#scratchpad[1]! << 24) >> 20) | (this.#scratchpad[0]! >> 4);
		return degrees >= (this.#scratchpad[2]! << 24) >> 24 || degrees <= (this.#scratchpad[3]! << 24) >> 24;
	}

	#send(bytes: Uint8Array): void {
		this.#output = bytes;
		this.#go("send");
	}

	#go(state: State): void {
		this.#state = state;
		this.#bits = 0;
	}
}

function codeBit(code: Uint8Array, index: number): 0 | 1 {
	return ((code[index >> 3]! >> (index & 7)) & 1) as 0 | 1;
}
