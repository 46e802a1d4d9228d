import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bench, Digital, LightStrip, PulseWire } from "../support/board-bench";

describe("device.system.LightStrip", () => {
	test("shows red, green and blue of each LED, whatever the order on the wire", () => {
		const { workbench } = bench({ lights: { strip: { kind: "rgb", pin: 13, length: 2 } } });
		for (const order of ["GRB", "RGB"] as const) {
			const strip = new LightStrip({ pin: 13, length: 2, order });
			strip.write(Uint8Array.of(255, 0, 0, 0, 0, 9));
			const state = workbench.parts()["led/strip"];
			assert.deepEqual(state?.kind === "strip" && [...state.pixels], [255, 0, 0, 0, 0, 9]);
			strip.close();
		}
	});
	test("LEDs keep their colour when the firmware lets go of them", () => {
		const { workbench } = bench({ lights: { strip: { kind: "rgb", pin: 13, length: 1 } } });
		const strip = new LightStrip({ pin: 13, length: 1 });
		strip.write(Uint8Array.of(1, 2, 3));
		strip.close();
		const state = workbench.parts()["led/strip"];
		assert.deepEqual(state?.kind === "strip" && [...state.pixels], [1, 2, 3]);
	});
	test("refuses what is wrong, by name", () => {
		bench();
		assert.throws(() => new LightStrip(undefined as never), TypeError);
		assert.throws(() => new LightStrip({ length: 3 } as never), /LightStrip: pin is required/);
		assert.throws(() => new LightStrip({ pin: 13, length: 0 }), /length 0/);
		assert.throws(() => new LightStrip({ pin: 13, length: 3, order: "BGR" as never }), /order "BGR"/);
		assert.throws(() => new LightStrip({ pin: 35, length: 3 }), /GPIO 35 is an input only/);
		const strip = new LightStrip({ pin: 13, length: 3 });
		assert.throws(() => new LightStrip({ pin: 13, length: 3 }), /GPIO 13 is in use by LightStrip/);
		assert.throws(() => strip.write(new Uint8Array(8)), /number of bytes 8/);
		strip.close();
		strip.close();
		assert.throws(() => strip.write(new Uint8Array(9)), /LightStrip is closed/);
	});
});

describe("device.system.PulseWire", () => {
	test("shares its pin with others of its kind, and with nothing else", () => {
		bench();
		const [first, second] = [new PulseWire({ pin: 4 }), new PulseWire({ pin: 4 })];
		assert.throws(() => new Digital({ pin: 4, mode: Digital.Input }), /GPIO 4 is in use by PulseWire/);
		first.close();
		first.close();
		assert.equal(second.reset(), false);
		assert.throws(() => new Digital({ pin: 4, mode: Digital.Input }), /in use/);
		second.close();
		new Digital({ pin: 4, mode: Digital.Input }).close();
	});
	test("refuses what is wrong, by name", () => {
		bench();
		assert.throws(() => new PulseWire({} as never), /PulseWire: pin is required/);
		const wire = new PulseWire({ pin: 4 });
		assert.throws(() => wire.exchange(0, new Uint16Array(4)), /lowMicroseconds 0/);
		assert.throws(() => wire.writeByte(256), /value 256/);
		assert.equal(wire.exchange(1000, new Uint16Array(4)), 0, "nobody there");
		wire.close();
		for (const method of [() => wire.reset(), () => wire.readByte(), () => wire.bit(1), () => wire.writeByte(0)])
			assert.throws(method, /PulseWire is closed/);
	});
});
