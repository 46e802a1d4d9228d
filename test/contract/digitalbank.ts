import type { DigitalBankOptions } from "embedded:io/digitalbank";
import type { Device } from "embedded:provider/builtin";
import type { Bench } from "./bench";
import { fixturesOf } from "./board-fixtures";
import { equal, suite, throws } from "./harness";

const bit = (pin: number) => (1 << (pin & 31)) >>> 0;
const bank = (pin: number) => pin >> 5;

const needsFree = { needs: (_: Device, bench: Bench) => fixturesOf(bench).free !== undefined };
/** Two wires whose outputs, and whose inputs, are in one bank. */
const needsWires = {
	needs: (_: Device, { wires }: Bench) =>
		wires?.[1] && bank(wires[0]!.output) === bank(wires[1].output) && bank(wires[0]!.input) === bank(wires[1].input),
};

/** ECMA-419 §10, Digital bank. */
export default suite("digitalbank", (test) => {
	test(
		"the constructor throws for missing and wrong options",
		({ device: { io }, bench }) => {
			const { DigitalBank } = io;
			const pin = fixturesOf(bench).free!;
			const base = { bank: bank(pin), pins: bit(pin), mode: DigitalBank.Input };
			const wrong: object[] = [
				{ ...base, pins: undefined },
				{ ...base, pins: 0 },
				{ ...base, pins: -1 },
				{ ...base, mode: undefined },
				{ ...base, mode: 99 },
				{ ...base, bank: 77 },
				{ ...base, format: "buffer" },
				{ ...base, onReadable() {} },
				{ ...base, onReadable() {}, rises: 0, falls: 0 },
				{ ...base, onReadable: 5, rises: bit(pin) },
			];
			throws(() => new DigitalBank(undefined as never));
			for (const options of wrong) throws(() => new DigitalBank(options as DigitalBankOptions));
			new DigitalBank(base).close();
		},
		needsFree,
	);

	test(
		"a bank with a pin in use is refused, and takes none of its pins",
		({ device: { io }, bench, defer }) => {
			const { DigitalBank, Digital } = io;
			const { wires } = bench;
			const [first, second] = [wires![0]!.output, wires![1]!.output];
			const busy = new Digital({ pin: second, mode: Digital.Output });
			defer(() => busy.close());
			const options = { bank: bank(first), pins: (bit(first) | bit(second)) >>> 0, mode: DigitalBank.Output };
			throws(() => new DigitalBank(options));
			new Digital({ pin: first, mode: Digital.Output }).close();
		},
		needsWires,
	);

	test(
		"pins are written and read together; bits of other pins are 0",
		({ device: { io }, bench, defer }) => {
			const { DigitalBank } = io;
			const [a, b] = bench.wires!;
			const out = [bit(a!.output), bit(b!.output)] as const;
			const into = [bit(a!.input), bit(b!.input)] as const;
			const output = new DigitalBank({
				bank: bank(a!.output),
				pins: (out[0] | out[1]) >>> 0,
				mode: DigitalBank.Output,
				initialValue: out[1],
			});
			defer(() => output.close());
			const input = new DigitalBank({
				bank: bank(a!.input),
				pins: (into[0] | into[1]) >>> 0,
				mode: DigitalBank.Input,
			});
			defer(() => input.close());
			equal(input.read(), into[1], "the initial value");
			output.write(out[0]);
			equal(input.read(), into[0]);
			output.write(0xffffffff);
			equal(input.read(), (into[0] | into[1]) >>> 0, "bits of other pins");
			output.write(0);
			equal(input.read(), 0);
			throws(() => output.write(-1));
			throws(() => output.read());
			throws(() => input.write(0));
		},
		needsWires,
	);

	test(
		"onReadable names the pins that triggered",
		async (t) => {
			const { DigitalBank, Digital } = t.device.io;
			const [a, b] = t.bench.wires!;
			const outputs = [a!, b!].map(({ output }) => new Digital({ pin: output, mode: Digital.Output }));
			for (const output of outputs) t.defer(() => output.close());
			const [first, second] = [bit(a!.input), bit(b!.input)];
			const seen: number[] = [];
			const input = new DigitalBank({
				bank: bank(a!.input),
				pins: (first | second) >>> 0,
				mode: DigitalBank.Input,
				rises: first,
				falls: second,
				onReadable: t.guard((triggers: number) => void seen.push(triggers)),
			});
			t.defer(() => input.close());
			for (const value of [1, 0])
				for (const output of outputs) {
					output.write(value);
					await t.sleep(20);
				}
			equal(seen, [first, second]);
		},
		needsWires,
	);

	test(
		"close may be called twice; everything else throws after it",
		({ device: { io }, bench }) => {
			const pin = fixturesOf(bench).free!;
			const digital = new io.DigitalBank({ bank: bank(pin), pins: bit(pin), mode: io.DigitalBank.Input });
			equal(digital.format, "number");
			throws(() => {
				digital.format = "string" as never;
			});
			digital.close();
			digital.close();
			throws(() => digital.read());
		},
		needsFree,
	);
});
