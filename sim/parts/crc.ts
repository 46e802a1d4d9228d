/** CRC-8 of Sensirion and Aosong parts: polynomial 0x31, most significant bit first, from 0xff. */
export function crc8(bytes: ArrayLike<number>, from = 0, to = bytes.length): number {
	let crc = 0xff;
	for (let index = from; index < to; index++) {
		crc ^= bytes[index]!;
		for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x31) & 0xff : crc << 1;
	}
	return crc;
}

/** CRC-8 of 1-Wire parts (Dallas, Maxim): polynomial 0x31, least significant bit first, from 0. */
export function crc8Wire(bytes: ArrayLike<number>, length: number): number {
	let crc = 0;
	for (let index = 0; index < length; index++) {
		crc ^= bytes[index]!;
		for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8c : crc >> 1;
	}
	return crc;
}
