import type { PWMOptions } from "embedded:io/pwm";
import type { Device } from "embedded:provider/builtin";
import type { Bench } from "./bench";
import { fixturesOf } from "./board-fixtures";
import { between, equal, ok, suite, throws } from "./harness";

const needsFree = { needs: (_: Device, bench: Bench) => fixturesOf(bench).free !== undefined };

/** ECMA-419 §10, Pulse-width modulation. */
export default suite("pwm", (test) => {
	test(
		"the constructor throws for missing and wrong options",
		({ device: { io }, bench }) => {
			const pin = fixturesOf(bench).free!;
			throws(() => new io.PWM(undefined as never));
			for (const options of [
				{},
				{ pin: 1000 },
				{ pin, hz: 0 },
				{ pin, hz: -5 },
				{ pin, hz: "fast" },
				{ pin, format: "buffer" },
			])
				throws(() => new io.PWM(options as PWMOptions));
			new io.PWM({ pin }).close();
		},
		needsFree,
	);

	test(
		"tells frequency and resolution, which cannot be set",
		({ device: { io }, bench, defer }) => {
			const pwm = new io.PWM({ pin: fixturesOf(bench).free!, hz: 1000 });
			defer(() => pwm.close());
			between(pwm.hz, 990, 1010, "hz");
			ok(Number.isInteger(pwm.resolution) && pwm.resolution > 0, "resolution is no positive integer");
			throws(() => {
				(pwm as { hz: number }).hz = 5;
			});
			throws(() => {
				(pwm as { resolution: number }).resolution = 5;
			});
			equal(pwm.format, "number");
		},
		needsFree,
	);

	test(
		"takes 0 to 2^resolution-1, and nothing else",
		({ device: { io }, bench, defer }) => {
			const pwm = new io.PWM({ pin: fixturesOf(bench).free! });
			defer(() => pwm.close());
			const full = 2 ** pwm.resolution - 1;
			for (const value of [0, 1, full >> 1, full]) pwm.write(value);
			for (const value of [-1, full + 1, Number.NaN]) throws(() => pwm.write(value), Error, `write(${value})`);
			throws(() => pwm.write(undefined as never));
			throws(() => (pwm as unknown as { read(): number }).read());
		},
		needsFree,
	);

	test(
		"0 is always low, the highest value always high",
		({ device: { io }, bench, defer }) => {
			const { output, input } = bench.wires![0]!;
			const pwm = new io.PWM({ pin: output });
			defer(() => pwm.close());
			const digital = new io.Digital({ pin: input, mode: io.Digital.Input });
			defer(() => digital.close());
			equal(digital.read(), 0, "before the first write");
			pwm.write(2 ** pwm.resolution - 1);
			for (let count = 0; count < 20; count++) equal(digital.read(), 1);
			pwm.write(0);
			for (let count = 0; count < 20; count++) equal(digital.read(), 0);
		},
		{ needs: (_, bench) => bench.wires?.[0] },
	);

	test(
		"a pin in use is refused; after close everything throws",
		({ device: { io }, bench }) => {
			const pin = fixturesOf(bench).free!;
			const pwm = new io.PWM({ pin });
			throws(() => new io.PWM({ pin }));
			throws(() => new io.Digital({ pin, mode: io.Digital.Output }));
			pwm.close();
			pwm.close();
			throws(() => pwm.write(0));
			new io.PWM({ pin }).close();
		},
		needsFree,
	);
});
