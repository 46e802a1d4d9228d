import type { Device } from "embedded:provider/builtin";
import type { Bench } from "./bench";
import { fixturesOf } from "./board-fixtures";
import { equal, suite, throws } from "./harness";

const needsPart = { needs: (_: Device, bench: Bench) => fixturesOf(bench).tmp117 };
const ID = 0x0f;
const HIGH = 0x02;

/** ECMA-419 §10, SMBus (synchronous IO), with a TMP117 on the bus. */
export default suite("smbus", (test) => {
	test(
		"reads 16 bits in either order",
		({ device: { io }, bench, defer }) => {
			const smbus = new io.SMBus(fixturesOf(bench).tmp117!);
			defer(() => smbus.close());
			equal(smbus.readUint16(ID, true), 0x0117);
			equal(smbus.readUint16(ID), 0x1701);
			equal(smbus.readUint8(ID), 0x01);
		},
		needsPart,
	);

	test(
		"writes 16 bits in either order",
		({ device: { io }, bench, defer }) => {
			const smbus = new io.SMBus(fixturesOf(bench).tmp117!);
			defer(() => smbus.close());
			smbus.writeUint16(HIGH, 0x1234, true);
			equal(smbus.readUint16(HIGH, true), 0x1234);
			smbus.writeUint16(HIGH, 0x1234);
			equal(smbus.readUint16(HIGH, true), 0x3412);
			smbus.writeBuffer(HIGH, Uint8Array.of(0x60, 0x00));
			equal(smbus.readUint16(HIGH, true), 0x6000);
		},
		needsPart,
	);

	test(
		"reads buffers, by length or into one",
		({ device: { io }, bench, defer }) => {
			const smbus = new io.SMBus(fixturesOf(bench).tmp117!);
			defer(() => smbus.close());
			equal(smbus.readBuffer(ID, 2), Uint8Array.of(0x01, 0x17));
			const buffer = new Uint8Array(2);
			equal(smbus.readBuffer(ID, buffer), 2);
			equal(buffer, Uint8Array.of(0x01, 0x17));
		},
		needsPart,
	);

	test(
		"a stop after the register's number is allowed",
		({ device: { io }, bench, defer }) => {
			const smbus = new io.SMBus({ ...fixturesOf(bench).tmp117!, stop: true });
			defer(() => smbus.close());
			equal(smbus.readUint16(ID, true), 0x0117);
		},
		needsPart,
	);

	test(
		"sends and receives single bytes",
		({ device: { io }, bench, defer }) => {
			const smbus = new io.SMBus(fixturesOf(bench).tmp117!);
			defer(() => smbus.close());
			smbus.sendByte(ID);
			equal(smbus.receiveByte(), 0x01);
			smbus.writeQuick();
		},
		needsPart,
	);

	test(
		"has the methods of I2C",
		({ device: { io }, bench, defer }) => {
			const smbus = new io.SMBus(fixturesOf(bench).tmp117!);
			defer(() => smbus.close());
			smbus.write(Uint8Array.of(ID));
			equal(smbus.read(2), Uint8Array.of(0x01, 0x17));
			equal(smbus.format, "buffer");
		},
		needsPart,
	);

	test(
		"registers and values out of range are refused",
		({ device: { io }, bench, defer }) => {
			const smbus = new io.SMBus(fixturesOf(bench).tmp117!);
			defer(() => smbus.close());
			throws(() => smbus.readUint8(undefined as never));
			throws(() => smbus.readUint8(1.5));
			throws(() => smbus.writeUint8(HIGH, 256));
			throws(() => smbus.writeUint16(HIGH, 65536));
			throws(() => smbus.writeBuffer(HIGH, "text" as never));
		},
		needsPart,
	);

	test(
		"a part that does not answer makes every method throw, and so does close",
		({ device: { io }, bench }) => {
			const { absent, ...wires } = fixturesOf(bench).tmp117!;
			const smbus = new io.SMBus({ ...wires, address: absent });
			const methods = [
				() => smbus.readUint8(0),
				() => smbus.readUint16(0),
				() => smbus.writeUint8(0, 0),
				() => smbus.writeUint16(0, 0),
				() => smbus.readBuffer(0, 1),
				() => smbus.writeBuffer(0, new Uint8Array(1)),
				() => smbus.sendByte(0),
				() => smbus.receiveByte(),
			];
			for (const method of methods) throws(method, Error, String(method));
			smbus.close();
			smbus.close();
			for (const method of methods) throws(method, Error, String(method));
		},
		needsPart,
	);
});
