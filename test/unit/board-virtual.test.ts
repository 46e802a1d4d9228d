// The virtual board as the services see it: the chip's limits, wires, and what observers are told.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { VirtualClock } from "../../hosts/desktop/clock";
import { digitalMode } from "../../hosts/shared/operations/board";
import { boards } from "../../modules/description/boards";
import { VirtualBoard } from "../../sim/board/virtual-board";

function esp32() {
	const clock = new VirtualClock();
	const board = new VirtualBoard({ hardware: boards["esp32-devkitc"], clock, seed: 1 });
	const delays: number[] = [];
	board.boot({ now: () => clock.now(), delay: (milliseconds) => delays.push(milliseconds) });
	const open = (pins: number[], mode: number, extra = {}) =>
		board.openDigital({
			bank: pins[0]! >> 5,
			pins: pins.reduce((mask, pin) => (mask | (1 << (pin & 31))) >>> 0, 0),
			mode,
			rises: 0,
			falls: 0,
			initialValue: 0,
			...extra,
		});
	return { board, open };
}

describe("pins", () => {
	test("the chip's and the board's limits are said by name", () => {
		const { board, open } = esp32();
		assert.throws(() => open([6], digitalMode.input), /GPIO 6 cannot be used on ESP32-DevKitC/);
		assert.throws(() => open([34], digitalMode.output), /GPIO 34 is an input only/);
		assert.throws(() => open([45], digitalMode.input), /GPIO 45 does not exist: this board has 0\.\.39/);
		assert.throws(() => board.openAnalog(4), /GPIO 4 has no analog input: use 32, 33, 34, 35, 36, 39/);
		open([2], digitalMode.output);
		assert.throws(() => board.openPwm(2, 1000, 10), /GPIO 2 is in use by Digital/);
		board.openI2C({ data: 21, clock: 22, hz: 100_000, address: 1 });
		assert.throws(() => open([22], digitalMode.input), /GPIO 22 is in use by I2C/);
	});
	test("eight PWM channels and four timers, as the chip has", () => {
		const { board } = esp32();
		const pins = [2, 4, 5, 12, 13, 14, 15, 16];
		const ports = pins.map((pin) => board.openPwm(pin, 1000, 10));
		assert.throws(() => board.openPwm(17, 1000, 10), /all 8 channels/);
		for (const port of ports) port.close();
		for (let timer = 1; timer <= 4; timer++) board.openPwm(pins[timer]!, timer * 1000, 10);
		assert.throws(() => board.openPwm(17, 50, 10), /all 4 timers/);
		board.openPwm(17, 1000, 10);
	});
	test("two I2C controllers; closing the last part gives the pins back", () => {
		const { board, open } = esp32();
		const wires = { data: 21, clock: 22, hz: 100_000 };
		const ports = [1, 2].map((address) => board.openI2C({ ...wires, address }));
		board.openI2C({ ...wires, data: 18, clock: 19, address: 1 });
		assert.throws(() => board.openI2C({ ...wires, data: 25, clock: 26, address: 1 }), /all 2 controllers/);
		assert.throws(() => board.openI2C({ ...wires, address: 2 }), /address 0x02 is in use/);
		for (const port of ports) port.close();
		open([21, 22], digitalMode.input).close();
	});
	test("a boot closes what the former one had open, and lets the pins float", () => {
		const { board, open } = esp32();
		const port = open([2], digitalMode.output, { initialValue: 4 });
		assert.equal(board.pin(2).level, 1);
		board.boot({ now: () => 0, delay: () => {} });
		assert.equal(board.pin(2).level, 0);
		port.close();
		open([2], digitalMode.input);
	});
	test("an open-drain output only pulls down", () => {
		const { board, open } = esp32();
		const port = open([4], digitalMode.outputOpenDrain);
		board.pin(4).resistor(1);
		port.write(1 << 4);
		assert.equal(board.pin(4).level, 1);
		board.pin(4).drive(0);
		assert.equal(board.pin(4).level, 0, "someone else pulls down");
		board.pin(4).drive(undefined);
		port.write(0);
		assert.equal(board.pin(4).level, 0);
	});
	test("edges are counted from the opening, and only those that were asked for", () => {
		const { board, open } = esp32();
		const seen: number[] = [];
		const pins = board.pin(4);
		pins.drive(1);
		const port = open([4], digitalMode.input, { rises: 1 << 4, onTrigger: (mask: number) => seen.push(mask) });
		pins.drive(0);
		pins.drive(1);
		pins.drive(1);
		assert.deepEqual(seen, [16]);
		port.close();
		pins.drive(0);
		pins.drive(1);
		assert.deepEqual(seen, [16]);
	});
	test("a pin without connection reads noise near the ground, a connected one its voltage", () => {
		const { board } = esp32();
		const floating = board.openAnalog(34).read();
		assert.ok(floating > 0 && floating < 900);
		board.pin(35).connect(() => 1.65);
		assert.equal(board.openAnalog(35).read(), 2048);
		board.pin(36).connect(() => 9);
		assert.equal(board.openAnalog(36).read(), 4095, "full scale, not beyond");
	});
});

describe("observers", () => {
	test("are told levels, duties and pixels, until they stop", () => {
		const { board, open } = esp32();
		const told: unknown[] = [];
		const end = board.on("pin", (event) => told.push([event.pin, event.level, event.duty]));
		open([5], digitalMode.output).write(1 << 5);
		const pwm = board.openPwm(2, 1000, 8);
		pwm.write(51);
		end();
		pwm.write(255);
		assert.deepEqual(told, [
			[5, 1, 1],
			[2, 0, 0.2],
		]);
		let pixels: Uint8Array | undefined;
		board.on("strip", (event) => {
			pixels = event.pixels;
		});
		board.openStrip(13, 2).write(Uint8Array.of(1, 2, 3, 4, 5, 6));
		assert.deepEqual(pixels, Uint8Array.of(1, 2, 3, 4, 5, 6));
	});
	test("are told transfers on the bus, also those that nobody answers", () => {
		const { board } = esp32();
		const told: unknown[] = [];
		board.on("i2c", ({ address, reading, acknowledged }) => told.push([address, reading, acknowledged]));
		const port = board.openI2C({ data: 21, clock: 22, hz: 100_000, address: 0x44 });
		assert.throws(() => port.write(Uint8Array.of(1), true));
		assert.throws(() => port.read(1, true));
		assert.deepEqual(told, [
			[0x44, false, false],
			[0x44, true, false],
		]);
	});
	test("are warned of wiring that cannot work", () => {
		const { board, open } = esp32();
		const warnings: string[] = [];
		board.on("warning", (text) => warnings.push(text));
		open([34], digitalMode.inputPullUp);
		open([4], digitalMode.output, { initialValue: 16 });
		board.pin(4).drive(0);
		board.pin(4).drive(1);
		assert.deepEqual(warnings, [
			"GPIO 34 has no pull resistors: it needs one outside",
			"GPIO 4 is driven from both sides: a short circuit",
		]);
	});
	test("see a snapshot of all pins in use", () => {
		const { board, open } = esp32();
		open([5], digitalMode.output, { initialValue: 32 });
		board.openPwm(2, 1000, 8).write(255);
		assert.deepEqual(board.pins(), [
			{ pin: 2, level: 1, duty: 1, owner: "PWM" },
			{ pin: 5, level: 1, duty: 1, owner: "Digital" },
		]);
	});
});
