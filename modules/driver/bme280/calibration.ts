/** Compensation of raw values in double precision (BME280 datasheet §8.1), with the part's own coefficients (§4.2.2). */
export class Calibration {
	readonly #t: Int32Array;
	readonly #p: Int32Array;
	readonly #h: Int32Array;

	/** `first`: 26 bytes from register 0x88; `second`: 7 bytes from 0xe1. */
	constructor(first: Uint8Array, second: Uint8Array) {
		const a = new DataView(first.buffer, first.byteOffset);
		const b = new DataView(second.buffer, second.byteOffset);
		this.#t = Int32Array.of(a.getUint16(0, true), a.getInt16(2, true), a.getInt16(4, true));
		this.#p = new Int32Array(9);
		this.#p[0] = a.getUint16(6, true);
		for (let index = 1; index < 9; index++) this.#p[index] = a.getInt16(6 + 2 * index, true);
		this.#h = Int32Array.of(
			first[25]!,
			b.getInt16(0, true),
			second[2]!,
			(b.getInt8(3) << 4) | (second[4]! & 15),
			(b.getInt8(5) << 4) | (second[4]! >> 4),
			b.getInt8(6),
		);
	}

	/** Temperature in 1/5120 °C, which the others need too. */
	fine(raw: number): number {
		const [t1, t2, t3] = [this.#t[0]!, this.#t[1]!, this.#t[2]!];
		const distance = raw / 131072 - t1 / 8192;
		return (raw / 16384 - t1 / 1024) * t2 + distance * distance * t3;
	}

	/** Pa */
	pressure(raw: number, fine: number): number {
		const p = this.#p;
		const warmth = fine / 2 - 64000;
		let offset = (warmth * warmth * p[5]!) / 32768 + warmth * p[4]! * 2;
		offset = offset / 4 + p[3]! * 65536;
		const slope = (1 + ((p[2]! * warmth * warmth) / 524288 + p[1]! * warmth) / 524288 / 32768) * p[0]!;
		if (slope === 0) return Number.NaN;
		const pressure = ((1048576 - raw - offset / 4096) * 6250) / slope;
		return pressure + ((p[8]! * pressure * pressure) / 2147483648 + (pressure * p[7]!) / 32768 + p[6]!) / 16;
	}

	/** Relative humidity: 0..100 % */
	humidity(raw: number, fine: number): number {
		const h = this.#h;
		const warmth = fine - 76800;
		const scaled =
			(raw - (h[3]! * 64 + (h[4]! / 16384) * warmth)) *
			((h[1]! / 65536) * (1 + (h[5]! / 67108864) * warmth * (1 + (h[2]! / 67108864) * warmth)));
		return Math.min(100, Math.max(0, scaled * (1 - (h[0]! * scaled) / 524288)));
	}
}
