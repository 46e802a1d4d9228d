import type { PulseWire } from "../../system/system";
import { crc8 } from "./crc8";

const SEARCH_ROM = 0xf0;

/**
 * The codes (8 bytes each) of all parts on a 1-Wire bus, in ascending order of their bits; at most `limit`. Maxim's search algorithm:
 * https://www.analog.com/en/resources/app-notes/1wire-search-algorithm.html. Throws when parts come or go meanwhile.
 */
export function search(wire: PulseWire, limit = 16): Uint8Array[] {
	const codes: Uint8Array[] = [];
	/** The last bit at which both ways were open and 0 was taken: the next round takes 1 there. */
	let branch = -1;
	let code = new Uint8Array(8);
	while (codes.length < limit) {
		if (!wire.reset()) return codes;
		wire.writeByte(SEARCH_ROM);
		let open = -1;
		const next = new Uint8Array(8);
		for (let bit = 0; bit < 64; bit++) {
			const [index, mask] = [bit >> 3, 1 << (bit & 7)];
			const zero = wire.bit(1);
			const one = wire.bit(1);
			if (zero && one) throw new Error("1-Wire: a part went away during the search");
			let way = zero as 0 | 1;
			if (zero === one) {
				if (bit < branch) way = code[index]! & mask ? 1 : 0;
				else way = bit === branch ? 1 : 0;
				if (way === 0) open = bit;
			}
			if (way) next[index]! |= mask;
			wire.bit(way);
		}
		if (crc8(next, 8) !== 0) throw new Error("1-Wire: a code's checksum is wrong");
		code = next;
		codes.push(next);
		branch = open;
		if (branch < 0) return codes;
	}
	return codes;
}
