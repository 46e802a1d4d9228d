import type { I2COptions } from "embedded:io/i2c";
import type { Device } from "embedded:provider/builtin";
import type { Bench } from "./bench";
import { fixturesOf } from "./board-fixtures";
import { equal, suite, throws } from "./harness";

const needsPart = { needs: (_: Device, bench: Bench) => fixturesOf(bench).tmp117 };
/** Registers of a TMP117, 16 bits, big-endian: its identity, and the high limit, which can be written. */
const ID = Uint8Array.of(0x0f);
const HIGH = Uint8Array.of(0x02);

/** ECMA-419 §10, I2C (synchronous IO), with a TMP117 on the bus. */
export default suite("i2c", (test) => {
	test(
		"the constructor throws for missing and wrong options",
		({ device: { io }, bench }) => {
			const { absent: _, ...good } = fixturesOf(bench).tmp117!;
			throws(() => new io.I2C(undefined as never));
			for (const name of ["data", "clock", "hz", "address"])
				throws(() => new io.I2C({ ...good, [name]: undefined } as I2COptions), Error, `without ${name}`);
			for (const wrong of [
				{ address: 128 },
				{ address: -1 },
				{ hz: 0 },
				{ hz: -1 },
				{ data: 1000 },
				{ format: "number" },
			])
				throws(() => new io.I2C({ ...good, ...wrong } as I2COptions), Error, JSON.stringify(wrong));
			new io.I2C(good).close();
		},
		needsPart,
	);

	test(
		"reads into a new ArrayBuffer, or fills a byte buffer",
		({ device: { io }, bench, defer }) => {
			const i2c = new io.I2C(fixturesOf(bench).tmp117!);
			defer(() => i2c.close());
			i2c.write(ID);
			const data = i2c.read(2);
			equal(data instanceof ArrayBuffer, true, "is an ArrayBuffer");
			equal(data, Uint8Array.of(0x01, 0x17));
			const buffer = new ArrayBuffer(2);
			for (const target of [buffer, new Uint8Array(2), new Int8Array(2), new DataView(new ArrayBuffer(2))]) {
				i2c.write(ID);
				equal(i2c.read(target), 2);
				equal(target, Uint8Array.of(0x01, 0x17));
			}
		},
		needsPart,
	);

	test(
		"a view is filled where it lies, and nothing beside it",
		({ device: { io }, bench, defer }) => {
			const i2c = new io.I2C(fixturesOf(bench).tmp117!);
			defer(() => i2c.close());
			const all = new Uint8Array(6).fill(0xee);
			i2c.write(all.subarray(2, 3).fill(0x0f));
			equal(i2c.read(all.subarray(1, 3)), 2);
			equal(all, Uint8Array.of(0xee, 0x01, 0x17, 0xee, 0xee, 0xee));
		},
		needsPart,
	);

	test(
		"without a stop the next transfer goes on with a repeated start",
		({ device: { io }, bench, defer }) => {
			const i2c = new io.I2C(fixturesOf(bench).tmp117!);
			defer(() => i2c.close());
			i2c.write(ID, false);
			equal(i2c.read(2, true), Uint8Array.of(0x01, 0x17));
		},
		needsPart,
	);

	test(
		"writeRead does both at once, into either kind of target",
		({ device: { io }, bench, defer }) => {
			const i2c = new io.I2C(fixturesOf(bench).tmp117!);
			defer(() => i2c.close());
			equal(i2c.writeRead(ID, 2), Uint8Array.of(0x01, 0x17));
			const buffer = new Uint8Array(2);
			equal(i2c.writeRead(ID, buffer), 2);
			equal(buffer, Uint8Array.of(0x01, 0x17));
		},
		needsPart,
	);

	test(
		"what is written is there when it is read",
		({ device: { io }, bench, defer }) => {
			const i2c = new io.I2C(fixturesOf(bench).tmp117!);
			defer(() => i2c.close());
			for (const word of [
				[0x12, 0x34],
				[0x60, 0x00],
			]) {
				i2c.write(Uint8Array.from([HIGH[0]!, ...word]));
				equal(i2c.writeRead(HIGH, 2), Uint8Array.from(word));
			}
		},
		needsPart,
	);

	test(
		"a part that does not answer makes read and write throw",
		({ device: { io }, bench, defer }) => {
			const { absent, ...wires } = fixturesOf(bench).tmp117!;
			const i2c = new io.I2C({ ...wires, address: absent });
			defer(() => i2c.close());
			throws(() => i2c.read(1));
			throws(() => i2c.write(ID));
			throws(() => i2c.writeRead(ID, 1));
		},
		needsPart,
	);

	test(
		"parts share the bus, an address is used once",
		({ device: { io }, bench, defer }) => {
			const { absent, ...wires } = fixturesOf(bench).tmp117!;
			const i2c = new io.I2C(wires);
			defer(() => i2c.close());
			throws(() => new io.I2C(wires));
			new io.I2C({ ...wires, address: absent }).close();
			throws(() => new io.Digital({ pin: wires.data, mode: io.Digital.Input }), Error, "a pin of the bus");
			equal(i2c.writeRead(ID, 2), Uint8Array.of(0x01, 0x17));
		},
		needsPart,
	);

	test(
		"only byte buffers go over the bus",
		({ device: { io }, bench, defer }) => {
			const i2c = new io.I2C(fixturesOf(bench).tmp117!);
			defer(() => i2c.close());
			throws(() => i2c.write("text" as never));
			throws(() => i2c.write(undefined as never));
			throws(() => i2c.write(new Uint16Array(1)));
			throws(() => i2c.read(-1));
			throws(() => i2c.read(1.5));
			throws(() => i2c.read(undefined as never));
		},
		needsPart,
	);

	test(
		"format is `buffer`; close may be called twice; everything else throws after it",
		({ device: { io }, bench }) => {
			const i2c = new io.I2C(fixturesOf(bench).tmp117!);
			equal(i2c.format, "buffer");
			throws(() => {
				i2c.format = "number" as never;
			});
			i2c.close();
			i2c.close();
			throws(() => i2c.read(1));
			throws(() => i2c.write(ID));
			new io.I2C(fixturesOf(bench).tmp117!).close();
		},
		needsPart,
	);
});
