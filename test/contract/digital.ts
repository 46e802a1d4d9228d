import type { DigitalOptions } from "embedded:io/digital";
import type { Device } from "embedded:provider/builtin";
import type { Bench } from "./bench";
import { fixturesOf } from "./board-fixtures";
import { equal, ok, suite, throws } from "./harness";

const needsFree = { needs: (_: Device, bench: Bench) => fixturesOf(bench).free !== undefined };
const needsWire = { needs: (_: Device, bench: Bench) => bench.wires?.[0] };

/** ECMA-419 §10, Digital. */
export default suite("digital", (test) => {
	test("modes and edges are static numbers, all different", ({ device: { io } }) => {
		const { Digital } = io;
		const modes = [
			Digital.Input,
			Digital.InputPullUp,
			Digital.InputPullDown,
			Digital.InputPullUpDown,
			Digital.Output,
			Digital.OutputOpenDrain,
		];
		for (const mode of modes) equal(typeof mode, "number");
		equal(new Set(modes).size, 6, "different modes");
		equal(Digital.Rising & Digital.Falling, 0, "common bits of the edges");
	});

	test(
		"the constructor throws without options, pin or mode",
		({ device: { io }, bench }) => {
			const pin = fixturesOf(bench).free!;
			throws(() => new io.Digital(undefined as never));
			throws(() => new io.Digital({ mode: io.Digital.Input } as DigitalOptions));
			throws(() => new io.Digital({ pin } as DigitalOptions));
		},
		needsFree,
	);

	test(
		"the constructor throws for values out of range, and takes nothing then",
		({ device: { io }, bench, defer }) => {
			const { Digital } = io;
			const pin = fixturesOf(bench).free!;
			const wrong: object[] = [
				{ pin, mode: 7 },
				{ pin, mode: "output" },
				{ pin: -1, mode: Digital.Input },
				{ pin: 1000, mode: Digital.Input },
				{ pin, mode: Digital.Output, initialValue: 2 },
				{ pin, mode: Digital.Input, format: "buffer" },
				{ pin, mode: Digital.Input, onReadable: "no function", edge: Digital.Rising },
				{ pin, mode: Digital.Input, onReadable() {} },
				{ pin, mode: Digital.Input, onReadable() {}, edge: 0 },
				{ pin, mode: Digital.Input, onReadable() {}, edge: 4 },
			];
			for (const options of wrong) throws(() => new Digital(options as DigitalOptions));
			const digital = new Digital({ pin, mode: Digital.Input });
			defer(() => digital.close());
		},
		needsFree,
	);

	test(
		"frozen options, unknown ones and `io` are accepted",
		({ device: { io }, bench }) => {
			const options = { pin: fixturesOf(bench).free!, mode: io.Digital.Input, io: null, colour: "red" };
			new io.Digital(Object.freeze(options)).close();
		},
		needsFree,
	);

	test(
		"a pin in use is refused until it is closed",
		({ device: { io }, bench }) => {
			const options = { pin: fixturesOf(bench).free!, mode: io.Digital.Output };
			const digital = new io.Digital(options);
			throws(() => new io.Digital(options));
			throws(() => new io.PWM(options));
			digital.close();
			new io.Digital(options).close();
		},
		needsFree,
	);

	test(
		"close may be called twice; everything else throws after it",
		({ device: { io }, bench }) => {
			const digital = new io.Digital({ pin: fixturesOf(bench).free!, mode: io.Digital.Output });
			digital.close();
			digital.close();
			throws(() => digital.write(1));
			throws(() => digital.read());
		},
		needsFree,
	);

	test(
		"format is `number` and takes nothing else",
		({ device: { io }, bench, defer }) => {
			const digital = new io.Digital({ pin: fixturesOf(bench).free!, mode: io.Digital.Input });
			defer(() => digital.close());
			equal(digital.format, "number");
			digital.format = "number";
			throws(() => {
				digital.format = "buffer" as never;
			});
			equal(digital.format, "number");
		},
		needsFree,
	);

	test(
		"target is kept, and may be changed",
		({ device: { io }, bench, defer }) => {
			const target = {};
			const digital = new io.Digital({ pin: fixturesOf(bench).free!, mode: io.Digital.Input, target });
			defer(() => digital.close());
			equal(digital.target, target);
			(digital as { target: unknown }).target = 5;
			equal(digital.target, 5);
		},
		needsFree,
	);

	test(
		"callbacks are no properties of the instance",
		({ device: { io }, bench, defer }) => {
			const { Digital } = io;
			const pin = fixturesOf(bench).free!;
			const digital = new Digital({ pin, mode: Digital.Input, edge: Digital.Rising, onReadable() {} });
			defer(() => digital.close());
			equal((digital as { onReadable?: unknown }).onReadable, undefined);
		},
		needsFree,
	);

	test(
		"an input is not written, an output is not read",
		({ device: { io }, bench }) => {
			const pin = fixturesOf(bench).free!;
			const input = new io.Digital({ pin, mode: io.Digital.Input });
			throws(() => input.write(1));
			input.close();
			const output = new io.Digital({ pin, mode: io.Digital.Output });
			throws(() => output.read());
			output.close();
		},
		needsFree,
	);

	test(
		"pull resistors hold an open input",
		({ device: { io }, bench }) => {
			const pin = fixturesOf(bench).free!;
			const up = new io.Digital({ pin, mode: io.Digital.InputPullUp });
			equal(up.read(), 1, "pulled up");
			up.close();
			const down = new io.Digital({ pin, mode: io.Digital.InputPullDown });
			equal(down.read(), 0, "pulled down");
			down.close();
		},
		needsFree,
	);

	test(
		"a pin that is an input only is no output",
		({ device: { io }, bench }) => {
			const pin = fixturesOf(bench).inputOnly!;
			throws(() => new io.Digital({ pin, mode: io.Digital.Output }));
			new io.Digital({ pin, mode: io.Digital.Input }).close();
		},
		{ needs: (_, bench) => fixturesOf(bench).inputOnly !== undefined },
	);

	test(
		"what is written arrives at the other end of a wire",
		({ device: { io }, bench, defer }) => {
			const { output, input } = bench.wires![0]!;
			const out = new io.Digital({ pin: output, mode: io.Digital.Output, initialValue: 1 });
			defer(() => out.close());
			const into = new io.Digital({ pin: input, mode: io.Digital.Input });
			defer(() => into.close());
			equal(into.read(), 1, "the initial value");
			for (const value of [0, 1, 1, 0]) {
				out.write(value);
				equal(into.read(), value);
			}
			throws(() => out.write(2));
			throws(() => out.write(undefined as never));
			equal(into.read(), 0, "after refused values");
		},
		needsWire,
	);

	test(
		"activeLow turns levels round, at both ends",
		({ device: { io }, bench, defer }) => {
			const { output, input } = bench.wires![0]!;
			const out = new io.Digital({ pin: output, mode: io.Digital.Output, activeLow: true });
			defer(() => out.close());
			let into = new io.Digital({ pin: input, mode: io.Digital.Input });
			equal(into.read(), 1, "the level of an inactive output");
			out.write(1);
			equal(into.read(), 0, "the level of an active output");
			into.close();
			into = new io.Digital({ pin: input, mode: io.Digital.Input, activeLow: true });
			defer(() => into.close());
			equal(into.read(), 1, "an active input");
		},
		needsWire,
	);

	test(
		"onReadable follows the edge that was asked for, with `this` the instance",
		async (t) => {
			const { Digital } = t.device.io;
			const { output, input } = t.bench.wires![0]!;
			const out = new Digital({ pin: output, mode: Digital.Output });
			t.defer(() => out.close());
			for (const [edge, expected] of [
				[Digital.Rising, [1]],
				[Digital.Falling, [0]],
				[Digital.Rising + Digital.Falling, [1, 0]],
			] as const) {
				const seen: number[] = [];
				const into = new Digital({
					pin: input,
					mode: Digital.Input,
					edge,
					onReadable: t.guard(function (this: unknown) {
						ok(this === into, "`this` is not the instance");
						seen.push(into.read());
					}),
				});
				for (const value of [1, 0]) {
					const before = seen.length;
					out.write(value);
					equal(seen.length, before, "calls during write");
					await t.sleep(20);
				}
				into.close();
				equal(seen, expected as never, `levels at edge ${edge}`);
			}
		},
		needsWire,
	);

	test(
		"onReadable never comes from within a call, nor after close",
		async (t) => {
			const { Digital } = t.device.io;
			const { output, input } = t.bench.wires![0]!;
			const out = new Digital({ pin: output, mode: Digital.Output });
			t.defer(() => out.close());
			let calls = 0;
			const options = { pin: input, mode: Digital.Input, edge: Digital.Rising, onReadable: () => void calls++ };
			const into = new Digital(options);
			out.write(1);
			equal(calls, 0, "calls from within write");
			into.close();
			await t.sleep(20);
			equal(calls, 0, "calls after close");
		},
		needsWire,
	);

	test(
		"the class can be extended",
		({ device: { io }, bench }) => {
			class Lamp extends io.Digital {
				on(): void {
					this.write(1);
				}
			}
			const lamp = new Lamp({ pin: fixturesOf(bench).free!, mode: io.Digital.Output });
			lamp.on();
			lamp.close();
			throws(() => lamp.on());
		},
		needsFree,
	);
});
