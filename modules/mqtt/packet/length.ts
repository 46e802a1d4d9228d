/** The most bytes that can follow a fixed header (MQTT 3.1.1 §2.2.3, MQTT 5.0 §2.1.4). */
export const MAXIMUM_LENGTH = 268_435_455;

/** Bytes that a remaining length, a Variable Byte Integer of MQTT 5.0 §1.5.5, occupies: 1..4. */
export function lengthSize(length: number): number {
	if (length < 128) return 1;
	if (length < 16_384) return 2;
	return length < 2_097_152 ? 3 : 4;
}

/** Writes a remaining length; returns the offset behind it. */
export function writeLength(bytes: Uint8Array, at: number, length: number): number {
	while (length > 127) {
		bytes[at++] = (length & 127) | 128;
		length >>= 7;
	}
	bytes[at] = length;
	return at + 1;
}
