// Drivers on the parts of the virtual board, through the IO classes of the desktop host.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	AHT10,
	BH1750,
	BME280,
	BMP280,
	bench,
	clock,
	Digital,
	I2C,
	run,
	SHT3x,
	SMBus,
	TMP117,
} from "../support/board-bench";

const wires = { data: 21, clock: 22, hz: 100_000 };
const i2c = { io: I2C, ...wires };
const smbus = { io: SMBus, ...wires };
const near = (value: number | undefined, expected: number, tolerance: number) =>
	assert.ok(Math.abs(value! - expected) <= tolerance, `${value} is not ${expected}`);

type Driver = { sample(): unknown; configure(options: never): void; close(): void };
const drivers: Record<string, () => Driver> = {
	SHT3x: () => new SHT3x({ sensor: i2c }),
	AHT10: () => new AHT10({ sensor: i2c }),
	BMP280: () => new BMP280({ sensor: smbus }),
	TMP117: () => new TMP117({ sensor: smbus }),
	BME280: () => new BME280({ sensor: smbus }),
	BH1750: () => new BH1750({ sensor: i2c }),
};
const sensorOf = (driver: string) => bench({ sensors: { part: { driver, channels: {} } as never } });

describe("every I2C driver", () => {
	for (const [name, make] of Object.entries(drivers)) {
		test(`${name} throws when no part answers, and gives its address back`, () => {
			bench();
			assert.throws(make, /no part answers at address/);
			sensorOf(name);
			make().close();
			make().close();
		});
		test(`${name} throws after close, and may be closed twice`, () => {
			sensorOf(name);
			const driver = make();
			driver.close();
			driver.close();
			assert.throws(() => driver.sample(), new RegExp(`${name} is closed`));
			assert.throws(() => driver.configure({} as never), /is closed/);
		});
		test(`${name} says when its part was unplugged, and works once made anew`, async () => {
			const { workbench } = sensorOf(name);
			const driver = make();
			await run(3000);
			assert.ok(driver.sample());
			workbench.plug("part", false);
			await run(3000);
			assert.throws(() => driver.sample(), /no part answers at address/);
			driver.close();
			workbench.plug("part", true);
			const again = make();
			await run(3000);
			assert.ok(again.sample());
			again.close();
		});
		test(`${name} notices a part that lost its power for a moment`, async () => {
			if (name === "BH1750") return; // 0 lux cannot be told from darkness
			const { workbench } = sensorOf(name);
			const driver = make();
			await run(3000);
			driver.sample();
			workbench.plug("part", false);
			workbench.plug("part", true);
			await run(3000);
			// The TMP117 measures by itself after power-up: nothing is lost.
			if (name === "TMP117") assert.ok(driver.sample());
			else assert.throws(() => driver.sample(), /lost its power/);
			driver.close();
		});
	}
});

test("each sample is a new object", () => {
	sensorOf("SHT3x");
	const driver = new SHT3x({ sensor: i2c });
	assert.notEqual(driver.sample(), driver.sample());
	driver.close();
});

describe("values of the world", () => {
	const conditions = [
		{ temperature: 21.37, humidity: 48.2, pressure: 101_325 },
		{ temperature: -12.4, humidity: 91, pressure: 96_500 },
		{ temperature: 44, humidity: 12, pressure: 104_200 },
	];
	async function each(name: string, check: (sample: never, world: (typeof conditions)[0]) => void) {
		const { world } = sensorOf(name);
		const driver = drivers[name]!();
		for (const condition of conditions) {
			for (const [quantity, value] of Object.entries(condition)) world.set(quantity, value);
			await run(2500);
			check(driver.sample() as never, condition);
		}
		driver.close();
	}
	test("SHT3x", () =>
		each("SHT3x", (sample: { thermometer: { temperature: number }; hygrometer: { humidity: number } }, world) => {
			near(sample.thermometer.temperature, world.temperature, 0.003);
			near(sample.hygrometer.humidity, world.humidity, 0.002);
		}));
	test("AHT10", () =>
		each("AHT10", (sample: { thermometer: { temperature: number }; hygrometer: { humidity: number } }, world) => {
			near(sample.thermometer.temperature, world.temperature, 0.001);
			near(sample.hygrometer.humidity, world.humidity, 0.001);
		}));
	test("BMP280", () =>
		each("BMP280", (sample: { thermometer: { temperature: number }; barometer: { pressure: number } }, world) => {
			near(sample.thermometer.temperature, world.temperature, 0.001);
			near(sample.barometer.pressure, world.pressure, 0.3);
		}));
	test("BME280", () =>
		each("BME280", (sample: Record<string, Record<string, number>>, world) => {
			near(sample.thermometer!.temperature, world.temperature, 0.001);
			near(sample.barometer!.pressure, world.pressure, 0.3);
			near(sample.hygrometer!.humidity, world.humidity, 0.02);
		}));
	test("TMP117: flat, with its alert, as Moddable's", () =>
		each("TMP117", (sample: { temperature: number; alert: number }, world) => {
			near(sample.temperature, world.temperature, 0.004);
			assert.equal(sample.alert, 0);
		}));
});

describe("what drivers say about the wrong part", () => {
	test("a BME280 driver on a BMP280, and the other way round", () => {
		sensorOf("BMP280");
		assert.throws(() => new BME280({ sensor: smbus }), /BME280: chip id is 0x58, not 0x60: a BMP280/);
		sensorOf("BME280");
		assert.throws(() => new BMP280({ sensor: smbus }), /BMP280: chip id is 0x60, not 0x58: a BME280/);
	});
	test("a damaged answer is a checksum error", () => {
		sensorOf("SHT3x");
		class Noisy extends I2C {
			override read(option: never): never {
				const result = super.read(option);
				(option as Uint8Array)[4]! ^= 1;
				return result as never;
			}
		}
		const driver = new SHT3x({ sensor: { ...i2c, io: Noisy } });
		assert.throws(() => driver.sample(), /SHT3x: checksum of the humidity is wrong/);
		driver.close();
	});
});

describe("BME280 configuration", () => {
	test("a quantity that is switched off is left out", async () => {
		sensorOf("BME280");
		const driver = new BME280({ sensor: smbus });
		driver.configure({ humiditySampling: 0, pressureSampling: 16, filter: 4, standby: 125 });
		await run(200);
		assert.deepEqual(Object.keys(driver.sample()), ["thermometer", "barometer"]);
		driver.configure({ temperatureSampling: 0 });
		await run(200);
		assert.throws(() => driver.sample(), /BME280: no measurement: it is switched off/);
		driver.close();
	});
	test("a wrong value is refused and changes nothing", () => {
		sensorOf("BME280");
		const driver = new BME280({ sensor: smbus });
		assert.throws(() => driver.configure({ filter: 3 }), /filter 3 is none of 0, 2, 4, 8, 16/);
		assert.ok(driver.sample());
		driver.close();
	});
});

describe("TMP117 configuration", () => {
	test("limits give alerts; at rest each sample converts once", async () => {
		const { world } = sensorOf("TMP117");
		const driver = new TMP117({ sensor: smbus });
		driver.configure({ highTemperature: 30, lowTemperature: -5 });
		world.set("temperature", 35);
		await run(2000);
		assert.equal(driver.sample().alert, 1);
		world.set("temperature", -10);
		await run(2000);
		assert.equal(driver.sample().alert, 2);
		driver.configure({ shutdownMode: true, averaging: 8 });
		world.set("temperature", 12);
		const before = clock.now();
		near(driver.sample().temperature, 12, 0.004);
		assert.equal(clock.now(), before, "the node waits, not the world");
		driver.close();
	});
	test("wrong values are refused by name", () => {
		sensorOf("TMP117");
		const driver = new TMP117({ sensor: smbus });
		assert.throws(() => driver.configure({ averaging: 5 }), /averaging 5/);
		assert.throws(() => driver.configure({ conversionRate: 8 }), /conversionRate 8/);
		assert.throws(() => driver.configure({ highTemperature: 300 }), /highTemperature 300/);
		assert.throws(() => driver.configure({ thermostatMode: "x" as never }), /thermostatMode/);
		driver.close();
	});
	test("the ALERT pin calls onAlert", async () => {
		const { workbench } = sensorOf("TMP117");
		let alerts = 0;
		const driver = new TMP117({ sensor: smbus, alert: { io: Digital, pin: 4 }, onAlert: () => void alerts++ });
		workbench.board.pin(4).drive(0);
		assert.equal(alerts, 0);
		await run(300);
		assert.equal(alerts, 1);
		driver.close();
	});
});
