/** CRC-8 of Maxim's 1-Wire parts over the first `length` bytes: 0 when they end with their own right checksum. */
export function crc8(bytes: Uint8Array, length: number): number {
	let crc = 0;
	for (let index = 0; index < length; index++) {
		crc ^= bytes[index]!;
		for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8c : crc >> 1;
	}
	return crc;
}
