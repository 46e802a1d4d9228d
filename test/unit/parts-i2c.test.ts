// Byte sequences as Moddable's drivers and the datasheets have them, on the parts themselves.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { I2CBus, type I2CPart } from "../../sim/board/i2c-bus";
import { AHTPart } from "../../sim/parts/aht";
import { BoschPart } from "../../sim/parts/bosch";
import { crc8, crc8Wire } from "../../sim/parts/crc";
import { SHT3xPart } from "../../sim/parts/sht3x";
import { TMP117Part } from "../../sim/parts/tmp117";

function on(address: number, make: (around: ConstructorParameters<typeof SHT3xPart>[0]) => I2CPart) {
	const world = { now: 0, temperature: 25, humidity: 50, pressure: 101_325 } as Record<string, number>;
	const bus = new I2CBus();
	const time = {
		now: () => world.now!,
		delay: (milliseconds: number) => {
			world.now! += milliseconds;
		},
	};
	bus.attach(address, make({ time, measure: (quantity) => world[quantity]! }));
	return {
		world,
		bus,
		wait: time.delay,
		write: (...bytes: number[]) => bus.write(address, Uint8Array.from(bytes), true),
		read: (count: number) => bus.read(address, count, true),
		register: (register: number, count: number) => {
			bus.write(address, Uint8Array.of(register), false);
			return bus.read(address, count, true);
		},
	};
}
const near = (value: number, expected: number, tolerance: number) =>
	assert.ok(Math.abs(value - expected) <= tolerance, `${value} is not ${expected}`);

test("checksums give the datasheets' examples", () => {
	assert.equal(crc8([0xbe, 0xef]), 0x92);
	assert.equal(crc8Wire([0x02, 0x1c, 0xb8, 0x01, 0, 0, 0], 7), 0xa2);
});

describe("SHT3x part", () => {
	const sht3x = () => on(0x44, (around) => new SHT3xPart(around));
	const celsius = (bytes: Uint8Array) => (((bytes[0]! << 8) | bytes[1]!) * 175) / 65535 - 45;
	test("as Moddable drives it: reset, stretched measurement, status, clear", () => {
		const { write, read, wait, world } = sht3x();
		write(0x30, 0xa2);
		wait(50);
		const before = world.now!;
		write(0x2c, 0x06);
		const data = read(6);
		assert.equal(world.now! - before, 15, "the clock is stretched until the result is there");
		near(celsius(data), 25, 0.002);
		near((((data[3]! << 8) | data[4]!) * 100) / 65535, 50, 0.001);
		assert.equal(data[2], crc8(data, 0, 2));
		assert.equal(data[5], crc8(data, 3, 5));
		write(0xf3, 0x2d);
		const status = read(3);
		assert.equal((status[0]! << 8) | status[1]!, 0x8010);
		assert.equal(status[2], crc8(status, 0, 2));
		write(0x30, 0x41);
		write(0xf3, 0x2d);
		assert.equal(read(2)[1]! & 0x10, 0);
	});
	test("is busy for 1.5 ms after a reset", () => {
		const { write, wait } = sht3x();
		write(0x30, 0xa2);
		assert.throws(() => write(0x24, 0x00), /no part answers at address 0x44/);
		wait(2);
		write(0x24, 0x00);
	});
	test("without stretching it does not acknowledge before the result is there", () => {
		const { write, read, wait } = sht3x();
		write(0x24, 0x00);
		assert.throws(() => read(6));
		wait(16);
		near(celsius(read(6)), 25, 0.002);
		assert.throws(() => read(6), "each result is read once");
	});
	test("periodic mode gives a result a period, until it is told to stop", () => {
		const { write, read, wait, world } = sht3x();
		write(0x22, 0x36);
		wait(20);
		write(0xe0, 0x00);
		read(6);
		write(0xe0, 0x00);
		assert.throws(() => read(6));
		world.temperature = -40;
		wait(500);
		write(0xe0, 0x00);
		near(celsius(read(6)), -40, 0.002);
		write(0x30, 0x93);
		wait(1000);
		write(0xe0, 0x00);
		assert.throws(() => read(6));
	});
	test("refuses an unknown command and remembers it in its status", () => {
		const { write } = sht3x();
		assert.throws(() => write(0x12, 0x34), /refused byte 2/);
	});
});

describe("AHT10 part", () => {
	test("as Moddable drives it: initialize, measure, 75 ms, six bytes", () => {
		const { write, read, wait } = on(0x38, (around) => new AHTPart(around));
		write(0xe1, 0x28, 0x00);
		wait(350);
		write(0xac, 0x33, 0x00);
		assert.equal(read(1)[0]! & 0x80, 0x80);
		wait(75);
		const data = read(6);
		assert.equal(data[0]! & 0x88, 0x08);
		near(((((data[1]! << 12) | (data[2]! << 4) | (data[3]! >> 4)) * 625) >> 16) / 100, 50, 0.01);
		near((((((data[3]! & 15) << 16) | (data[4]! << 8) | data[5]!) * 625) >> 15) / 100 - 50, 25, 0.01);
	});
	test("AHT20 takes its own word and adds a checksum", () => {
		const { write, read, wait } = on(0x38, (around) => new AHTPart(around, "AHT20"));
		assert.throws(() => write(0xe1, 0x08, 0x00));
		write(0xbe, 0x08, 0x00);
		write(0xac, 0x33, 0x00);
		wait(80);
		const data = read(7);
		assert.equal(data[6], crc8(data, 0, 6));
	});
});

describe("BMP280 part", () => {
	/** The datasheet's integer compensation (§8.2): °C x 100, and Pa x 256 in 64 bits. */
	function compensate(calibration: DataView, rawTemperature: number, rawPressure: number): [number, number] {
		const u = (offset: number) => calibration.getUint16(offset, true);
		const s = (offset: number) => calibration.getInt16(offset, true);
		const first = (((rawTemperature >> 3) - (u(0) << 1)) * s(2)) >> 11;
		const second = (((((rawTemperature >> 4) - u(0)) * ((rawTemperature >> 4) - u(0))) >> 12) * s(4)) >> 14;
		const fine = first + second;
		let a = BigInt(fine) - 128000n;
		let b = a * a * BigInt(s(16)) + ((a * BigInt(s(14))) << 17n) + (BigInt(s(12)) << 35n);
		a = ((a * a * BigInt(s(10))) >> 8n) + ((a * BigInt(s(8))) << 12n);
		a = (((1n << 47n) + a) * BigInt(u(6))) >> 33n;
		let p = 1048576n - BigInt(rawPressure);
		p = (((p << 31n) - b) * 3125n) / a;
		a = (BigInt(s(22)) * (p >> 13n) * (p >> 13n)) >> 25n;
		b = (BigInt(s(20)) * p) >> 19n;
		p = ((p + a + b) >> 8n) + (BigInt(s(18)) << 4n);
		return [((fine * 5 + 128) >> 8) / 100, Number(p) / 256];
	}
	const raw = (data: Uint8Array, at: number) => (data[at]! << 12) | (data[at + 1]! << 4) | (data[at + 2]! >> 4);

	test("the datasheet's example comes out of its calibration", () => {
		const { register } = on(0x76, (around) => new BoschPart(around, "BMP280"));
		const calibration = new DataView(register(0x88, 24).buffer);
		const [celsius, pascal] = compensate(calibration, 519888, 415148);
		near(celsius, 25.08, 0.005);
		near(pascal, 100653.27, 0.05);
	});
	test("as Moddable drives it, with Bosch's integer compensation: the world's values", () => {
		const { write, read, wait, world } = on(0x76, (around) => new BoschPart(around, "BMP280"));
		write(0xd0);
		assert.equal(read(1)[0], 0x58);
		write(0xe0, 0xb6);
		wait(10);
		const calibration = new Uint8Array(24);
		for (let register = 0; register < 24; register += 2) {
			write(0x88 + register);
			calibration.set(read(2), register);
		}
		write(0xf5);
		assert.equal(read(1)[0], 0);
		write(0xf5, 0x90);
		write(0xf4, 0x57);
		wait(50);
		for (const [temperature, pressure] of [
			[25, 101_325],
			[-20.5, 95_000],
			[60, 108_000],
		] as const) {
			Object.assign(world, { temperature, pressure });
			wait(1000);
			write(0xf7);
			const data = read(6);
			const [celsius, pascal] = compensate(new DataView(calibration.buffer), raw(data, 3), raw(data, 0));
			near(celsius, temperature, 0.011);
			near(pascal, pressure, 3);
		}
	});
	test("asleep it measures nothing; forced it measures once", () => {
		const { write, register, wait, world } = on(0x76, (around) => new BoschPart(around, "BMP280"));
		wait(100);
		assert.equal(raw(register(0xfa, 3), 0), 0x80000);
		write(0xf4, 0x25);
		assert.equal(register(0xf3, 1)[0], 0x08);
		wait(10);
		assert.equal(register(0xf3, 1)[0], 0);
		const first = raw(register(0xfa, 3), 0);
		assert.notEqual(first, 0x80000);
		world.temperature = 40;
		wait(1000);
		assert.equal(raw(register(0xfa, 3), 0), first);
		assert.equal(register(0xf4, 1)[0], 0x24);
	});
});

describe("TMP117 part", () => {
	const tmp117 = () => on(0x48, (around) => new TMP117Part(around));
	const word = (bytes: Uint8Array) => (bytes[0]! << 8) | bytes[1]!;
	test("as Moddable drives it: id, reset, configuration, limits, temperature", () => {
		const { write, register, wait, world } = tmp117();
		assert.equal(word(register(0x0f, 2)) & 0x0fff, 0x117);
		assert.equal(word(register(0x01, 2)), 0x0220);
		write(0x01, 0x02, 0x22);
		wait(2);
		write(0x01, 0x02, 0x20);
		write(0x02, 0x60, 0x00);
		write(0x03, 0x80, 0x00);
		assert.equal(word(register(0x00, 2)), 0x8000, "-256 °C before the first conversion");
		wait(125);
		near(word(register(0x00, 2)) * 0.0078125, 25, 0.005);
		world.temperature = -10;
		wait(1000);
		near(((word(register(0x00, 2)) << 16) >> 16) * 0.0078125, -10, 0.005);
	});
	test("one shot converts once and rests again", () => {
		const { write, register, wait, world } = tmp117();
		write(0x01, 0x04, 0x00);
		world.temperature = 30;
		wait(100);
		assert.equal(word(register(0x00, 2)), 0x8000);
		write(0x01, 0x0c, 0x00);
		wait(16);
		near(word(register(0x00, 2)) * 0.0078125, 30, 0.005);
		assert.equal(word(register(0x01, 2)) & 0x0c00, 0x0400);
	});
	test("alerts above and below its limits", () => {
		const { write, register, wait, world } = tmp117();
		write(0x02, 0x0a, 0x00); // 20 °C
		write(0x03, 0x05, 0x00); // 10 °C
		wait(1000);
		assert.equal(word(register(0x01, 2)) & 0xe000, 0xa000);
		world.temperature = 5;
		wait(1000);
		assert.equal(word(register(0x01, 2)) & 0xc000, 0x4000);
	});
});
