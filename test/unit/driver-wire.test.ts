import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DS18B20Part } from "../../sim/parts/ds18b20";
import { bench, clock, DHT22, DS18B20, PulseWire, run, search } from "../support/board-bench";

const wire = { io: PulseWire, pin: 4 };
const near = (value: unknown, expected: number, tolerance: number) =>
	assert.ok(Math.abs((value as number) - expected) <= tolerance, `${value} is not ${expected}`);

describe("DHT22", () => {
	const dht22 = () => bench({ sensors: { part: { driver: "DHT22", pin: 4, channels: {} } } });

	test("gives temperature and humidity, a second after power-up", async () => {
		const { world } = dht22();
		world.set("temperature", 21.37);
		world.set("humidity", 48.24);
		let told = 0;
		const driver = new DHT22({ sensor: wire, onSample: () => void told++ });
		assert.equal(driver.sample(), undefined);
		assert.equal(driver.sample(), undefined);
		await run(1000);
		assert.equal(told, 1, "onSample says that it is there now");
		assert.deepEqual(driver.sample(), { hygrometer: { humidity: 48.2 }, thermometer: { temperature: 21.4 } });
		driver.close();
	});
	test("temperatures below zero have a sign bit, not a complement", async () => {
		const { world } = dht22();
		world.set("temperature", -10.1);
		const driver = new DHT22({ sensor: wire });
		await run(1000);
		assert.equal(driver.sample()?.thermometer?.temperature, -10.1);
		driver.close();
	});
	test("is asked at most every two seconds", async () => {
		const { world } = dht22();
		world.set("temperature", 20);
		const driver = new DHT22({ sensor: wire });
		await run(1000);
		driver.sample();
		world.set("temperature", 25);
		await run(1900);
		assert.equal(driver.sample()?.thermometer?.temperature, 20, "the last values again");
		await run(100);
		assert.equal(driver.sample()?.thermometer?.temperature, 25);
		driver.close();
	});
	test("says when it does not answer, and goes on when it does", async () => {
		const { workbench } = dht22();
		const driver = new DHT22({ sensor: wire });
		workbench.plug("part", false);
		await run(1000);
		assert.throws(() => driver.sample(), /DHT22: no answer/);
		workbench.plug("part", true);
		await run(2000);
		assert.ok(driver.sample());
		driver.close();
	});
	test("widths may waver by 8 us; a damaged answer is refused", async () => {
		dht22();
		let bend = (widths: Uint16Array): void => widths.set(widths.map((width, i) => width + ((i * 7) % 17) - 8));
		class Bent extends PulseWire {
			override exchange(low: number, widths: Uint16Array): number {
				const count = super.exchange(low, widths);
				bend(widths);
				return count;
			}
		}
		const driver = new DHT22({ sensor: { ...wire, io: Bent } });
		await run(1000);
		assert.ok(driver.sample());
		bend = (widths) => void (widths[10] = widths[10]! > 48 ? 26 : 70);
		await run(2000);
		assert.throws(() => driver.sample(), /DHT22: checksum is 0x[0-9a-f]+, not 0x/);
		driver.close();
	});
	test("throws after close", () => {
		dht22();
		const driver = new DHT22({ sensor: wire });
		driver.close();
		driver.close();
		assert.throws(() => driver.sample(), /DHT22 is closed/);
		assert.throws(() => driver.configure({}), /DHT22 is closed/);
	});
});

describe("DS18B20", () => {
	const ds18b20 = () => bench({ sensors: { part: { driver: "DS18B20", pin: 4, channels: {} } } });

	test("converts in the background; onSample tells of the first value", async () => {
		const { world } = ds18b20();
		world.set("temperature", 21.3);
		let told = 0;
		const driver = new DS18B20({ sensor: wire, onSample: () => void told++ });
		assert.equal(driver.sample(), undefined);
		await run(750);
		assert.equal(told, 1);
		near(driver.sample()?.temperature, 21.3, 0.032);
		world.set("temperature", -15.5);
		await run(2000);
		assert.equal(driver.sample()?.temperature, -15.5);
		assert.equal(told, 1, "once for each sample that could not be given");
		driver.close();
		const before = clock.now();
		await run(10_000);
		assert.equal(clock.now(), before + 10_000);
	});
	test("fewer bits are faster and coarser", async () => {
		const { world } = ds18b20();
		world.set("temperature", 21.3);
		const driver = new DS18B20({ sensor: wire });
		driver.configure({ resolution: 9, interval: 750 });
		await run(94);
		assert.equal(driver.sample()?.temperature, 21);
		assert.throws(() => driver.configure({ resolution: 8 }), /resolution 8/);
		assert.throws(() => driver.configure({ interval: 10 }), /interval 10 ms/);
		driver.close();
	});
	test("says when it does not answer, and that 85 °C after a power loss is no value", async () => {
		const { workbench } = ds18b20();
		const driver = new DS18B20({ sensor: wire });
		await run(1000);
		workbench.plug("part", false);
		await run(2000);
		assert.throws(() => driver.sample(), /DS18B20: no part answers/);
		workbench.plug("part", true);
		await run(4000);
		assert.ok(driver.sample());
		driver.close();
		workbench.plug("part", false);
		assert.throws(() => new DS18B20({ sensor: wire }), /no part answers/);
	});
	test("several share a wire: each is found, and read by its code", async () => {
		const { workbench, world } = ds18b20();
		const around = (temperature: number) => ({ time: workbench.board.time, measure: () => temperature });
		for (let index = 0; index < 5; index++)
			workbench.board.attachWire(4, new DS18B20Part(around(index * 10), `extra ${index}`));
		world.set("temperature", 99);
		const bus = new PulseWire(wire);
		const codes = search(bus);
		bus.close();
		assert.equal(codes.length, 6);
		const drivers = codes.map((code) => new DS18B20({ sensor: { ...wire, code } }));
		await run(1000);
		const values = drivers.map((driver) => driver.sample()?.temperature).sort((a, b) => Number(a) - Number(b));
		assert.deepEqual(values, [0, 10, 20, 30, 40, 99]);
		for (const driver of drivers) driver.close();
	});
	test("a wrong code is refused", () => {
		ds18b20();
		assert.throws(() => new DS18B20({ sensor: { ...wire, code: new Uint8Array(8) } }), /code is not that of a DS18B20/);
	});
	test("search on an empty wire finds nothing", () => {
		bench();
		const bus = new PulseWire(wire);
		assert.deepEqual(search(bus), []);
		assert.equal(bus.readByte(), 255);
		bus.close();
	});
});
