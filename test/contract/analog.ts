import type { AnalogOptions } from "embedded:io/analog";
import type { Device } from "embedded:provider/builtin";
import type { Bench } from "./bench";
import { fixturesOf } from "./board-fixtures";
import { between, equal, ok, suite, throws } from "./harness";

const needsPin = { needs: (_: Device, bench: Bench) => fixturesOf(bench).analog };

/** ECMA-419 §10, Analog input. */
export default suite("analog", (test) => {
	test(
		"the constructor throws for missing and wrong options",
		({ device: { io }, bench }) => {
			const { pin } = fixturesOf(bench).analog!;
			throws(() => new io.Analog(undefined as never));
			for (const options of [
				{},
				{ pin: 1000 },
				{ pin, resolution: 0 },
				{ pin, resolution: 1.5 },
				{ pin, format: "buffer" },
			])
				throws(() => new io.Analog(options as AnalogOptions));
			new io.Analog({ pin }).close();
		},
		needsPin,
	);

	test(
		"reads whole numbers of its resolution",
		({ device: { io }, bench, defer }) => {
			const { pin, share } = fixturesOf(bench).analog!;
			const analog = new io.Analog({ pin });
			defer(() => analog.close());
			const full = 2 ** analog.resolution - 1;
			for (let count = 0; count < 10; count++) {
				const value = analog.read();
				ok(Number.isInteger(value), `${value} is no integer`);
				between(value / full, share - 0.1, share + 0.1, "share of the full scale");
			}
			equal(analog.format, "number");
		},
		needsPin,
	);

	test(
		"the resolution cannot be set, and a smaller one may be asked for",
		({ device: { io }, bench, defer }) => {
			const { pin, share } = fixturesOf(bench).analog!;
			const analog = new io.Analog({ pin, resolution: 9 });
			defer(() => analog.close());
			const { resolution } = analog;
			throws(() => {
				(analog as { resolution: number }).resolution = 3;
			});
			equal(analog.resolution, resolution);
			between(analog.read() / (2 ** resolution - 1), share - 0.1, share + 0.1, "share of the full scale");
		},
		needsPin,
	);

	test(
		"cannot be written; a pin in use is refused; after close everything throws",
		({ device: { io }, bench }) => {
			const { pin } = fixturesOf(bench).analog!;
			const analog = new io.Analog({ pin });
			throws(() => (analog as unknown as { write(value: number): void }).write(1));
			throws(() => new io.Analog({ pin }));
			analog.close();
			analog.close();
			throws(() => analog.read());
		},
		needsPin,
	);
});
