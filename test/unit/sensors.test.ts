import type { Sample } from "embedded:sensor/_common";
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Log } from "../../modules/log/log";
import { Channel } from "../../modules/sensor/channel";
import { Sensor } from "../../modules/sensor/sensor";
import { Sensors } from "../../modules/sensor/sensors";
import { clock } from "../support/clock";
import { FakeBoard } from "../support/fake-device";
import { catchLines } from "../support/lines";

const temperature = () => new Channel("temperature", { quantity: "thermometer.temperature", unit: "°C", decimals: 1 });

describe("a channel", () => {
	it("is in the unit and with the decimals of node.ts", () => {
		const channel = new Channel("pressure", { quantity: "barometer.pressure", unit: "hPa", decimals: 1 });
		assert.ok(channel.take({ barometer: { pressure: 101_325 } }));
		assert.equal(channel.value, 1013.3);
	});
	it("is found in the sample of a compound sensor and of a single one", () => {
		const channel = temperature();
		assert.ok(channel.take({ thermometer: { temperature: 21.04 } }));
		assert.equal(channel.value, 21);
		assert.ok(channel.take({ temperature: 22 } as Sample));
		assert.equal(channel.value, 22);
	});
	it("is null when the sample lacks it or is no number", () => {
		const channel = temperature();
		const nonsense = [undefined, null, "20", Number.NaN, Number.POSITIVE_INFINITY, 1e308];
		for (const sample of [{}, ...nonsense.map((temperature) => ({ thermometer: { temperature } }) as Sample)]) {
			channel.take({ thermometer: { temperature: 20 } });
			assert.equal(channel.take(sample), false);
			assert.equal(channel.value, null);
		}
	});
	it("has changed when it is further than its threshold from what was told last", () => {
		const channel = new Channel("t", { quantity: "thermometer.temperature", decimals: 1, threshold: 0.5 });
		channel.take({ temperature: 20 } as Sample);
		assert.ok(channel.changed, "the first value");
		channel.told();
		channel.take({ temperature: 20.5 } as Sample);
		assert.ok(!channel.changed);
		channel.take({ temperature: 20.7 } as Sample);
		assert.ok(channel.changed);
	});
	it("never changes between the records without a threshold", () => {
		const channel = temperature();
		channel.take({ temperature: 99 } as Sample);
		assert.ok(!channel.changed);
	});
});

describe("a sensor", () => {
	let opened: number;
	let reading: Sample | Error | undefined;
	let channel: Channel;
	let sensor: Sensor;
	let values: number;
	beforeEach(() => {
		opened = values = 0;
		channel = temperature();
		sensor = new Sensor("climate", [channel], {
			log: new Log({}),
			valuesCame: () => values++,
			openDriver: () => {
				opened += 1;
				if (reading instanceof Error) throw reading;
				return {
					sample: () => {
						if (reading instanceof Error) throw reading;
						return reading;
					},
					close: () => {},
				};
			},
		});
	});

	it("that fails says so once, reports null, and works again when it is plugged in again", () => {
		const { lines, restore } = catchLines();
		reading = { thermometer: { temperature: 20 } };
		sensor.sample();
		assert.equal(channel.value, 20);
		reading = new Error("no acknowledge");
		sensor.sample();
		sensor.sample();
		sensor.sample();
		assert.equal(channel.value, null);
		reading = { thermometer: { temperature: 21 } };
		sensor.sample();
		restore();
		assert.equal(channel.value, 21);
		assert.deepEqual(lines, ['error sensor "climate": no acknowledge', 'info sensor "climate": works again']);
		assert.equal(opened, 4, "made anew after each failure, as its registers may be lost");
	});
	it("names what its sample lacks, with the driver's own complaint when it has one", () => {
		const { lines, restore } = catchLines();
		reading = { thermometer: {} };
		sensor.sample();
		reading = { thermometer: { temperature: 1 } };
		sensor.sample();
		sensor.complain("bad checksum");
		reading = { thermometer: {} };
		sensor.sample();
		restore();
		assert.deepEqual(lines, [
			'error sensor "climate": no thermometer.temperature in its sample',
			'info sensor "climate": works again',
			'error sensor "climate": bad checksum',
		]);
	});
	it("that needs time gives its sample when it has one", () => {
		reading = undefined;
		sensor.sample();
		assert.equal(channel.value, null);
		reading = { temperature: 19 } as Sample;
		sensor.sampled();
		assert.equal(channel.value, 19);
		assert.equal(values, 1);
	});
});

describe("the sensors of a node", () => {
	const description = {
		board: "esp32-devkitc",
		sensors: {
			climate: {
				driver: "SHT3x",
				interval: 2,
				channels: { temperature: { quantity: "thermometer.temperature", threshold: 1 } },
			},
			other: { driver: "BMP280", channels: { pressure: { quantity: "barometer.pressure" } } },
			missing: { driver: "AHT10", channels: { humidity: { quantity: "hygrometer.humidity" } } },
			radio: { driver: "rssi", channels: { rssi: { quantity: "radio.signal" } } },
		},
	} as const;
	let board: FakeBoard;
	let changes: string[];
	let sensors: Sensors;
	beforeEach(() => {
		clock.reset();
		board = new FakeBoard();
		changes = [];
		board.samples.SHT3x = { thermometer: { temperature: 20 } };
		board.samples.BMP280 = { barometer: { pressure: 100_000 }, thermometer: { temperature: 20 } };
		sensors = new Sensors({
			device: board.device(),
			description: description as never,
			log: new Log({}),
			owner: {
				signal: -55,
				freeMemory: 1,
				uptime: 2,
				channelChanged(channel) {
					changes.push(`${channel.name} ${channel.value}`);
					channel.told();
				},
			},
		});
	});
	const value = (name: string) => sensors.channels.find((channel) => channel.name === name)?.value;

	it("sample at their own interval and tell changes beyond the threshold at once", () => {
		clock.advance(0);
		assert.equal(value("temperature"), 20);
		board.samples.SHT3x = { thermometer: { temperature: 20.5 } };
		clock.advance(2000);
		assert.equal(value("temperature"), 20.5);
		board.samples.SHT3x = { thermometer: { temperature: 22 } };
		clock.advance(2000);
		assert.deepEqual(changes, ["temperature 20", "temperature 22"]);
	});
	it("without an interval sample with telemetry", () => {
		clock.advance(10_000);
		assert.equal(value("pressure"), null);
		sensors.sample();
		assert.equal(value("pressure"), 100_000);
		assert.equal(value("rssi"), -55);
	});
	it("fail alone", () => {
		const { lines, restore } = catchLines();
		board.samples.BMP280 = new Error("unplugged");
		sensors.sample();
		sensors.sample();
		restore();
		assert.equal(value("pressure"), null);
		assert.equal(value("rssi"), -55);
		assert.deepEqual(lines, [
			'error sensor "other": unplugged',
			'error sensor "missing": this host has no driver "AHT10"',
		]);
	});
	it("leave no timer behind", () => {
		sensors.close();
		assert.equal(clock.pending, 0);
	});
});
