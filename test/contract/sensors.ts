import type { Sample } from "embedded:sensor/_common";
import { fixturesOf } from "./board-fixtures";
import { between, equal, ok, suite, throws } from "./harness";

type Numbers = Record<string, Record<string, number> & number>;

/** What a sample must have, in the range of the part (ECMA-419 §14; a TMP117's is flat, as Moddable's driver gives it). */
const checks: Readonly<Record<string, { io: "I2C" | "SMBus"; check(sample: Numbers): void }>> = Object.freeze({
	SHT3x: { io: "I2C", check: climate },
	AHT10: { io: "I2C", check: climate },
	BMP280: {
		io: "SMBus",
		check: (sample) => {
			between(sample.thermometer!.temperature!, -40, 85, "temperature");
			between(sample.barometer!.pressure!, 30_000, 110_000, "pressure");
		},
	},
	TMP117: { io: "SMBus", check: (sample) => between(sample.temperature!, -55, 150, "temperature") },
});

function climate(sample: Numbers): void {
	between(sample.thermometer!.temperature!, -40, 85, "temperature");
	between(sample.hygrometer!.humidity!, 0, 100, "humidity");
}

/** ECMA-419 §13, Sensor Class Pattern, by the drivers in `device.sensor`. */
export default suite("sensors", (test) => {
	for (const name of Object.keys(checks)) {
		const { io, check } = checks[name]!;
		test(
			`${name} samples, each time a new object, and gives its IO back`,
			async ({ device, bench, sleep }) => {
				const Driver = device.sensor[name]!;
				const sensor = { ...fixturesOf(bench).sensors![name]!, io: device.io[io] };
				const driver = new Driver({ sensor });
				await sleep(200);
				const first = driver.sample();
				ok(first, "no sample");
				check(first as unknown as Numbers);
				ok(driver.sample() !== first, "the same object again");
				driver.close();
				driver.close();
				throws(() => driver.sample() as Sample);
				throws(() => driver.configure({}));
				new Driver({ sensor }).close();
			},
			{ needs: (device, bench) => device.sensor[name] && fixturesOf(bench).sensors?.[name] },
		);

		test(
			`${name} throws when its part does not answer`,
			({ device, bench }) => {
				const { absent, ...wires } = fixturesOf(bench).tmp117!;
				const Driver = device.sensor[name]!;
				const sensor = { ...wires, address: absent, io: device.io[io] };
				throws(() => new Driver({ sensor }));
				// Nothing is left open.
				new device.io.I2C(sensor).close();
			},
			{ needs: (device, bench) => device.sensor[name] && fixturesOf(bench).tmp117 },
		);
	}

	test("each driver of the host is a class", ({ device }) => {
		for (const Driver of Object.values(device.sensor)) equal(typeof Driver, "function");
	});
});
