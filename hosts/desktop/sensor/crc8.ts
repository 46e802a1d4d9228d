/** CRC-8 of Sensirion's parts over `bytes[from..to]`: polynomial 0x31 from 0xff. */
export function crc8(bytes: Uint8Array, from: number, to: number): number {
	let crc = 0xff;
	for (let index = from; index < to; index++) {
		crc ^= bytes[index]!;
		for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x31) & 0xff : crc << 1;
	}
	return crc;
}
