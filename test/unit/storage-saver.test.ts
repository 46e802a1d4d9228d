import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Log } from "../../modules/log/log";
import { Saver } from "../../modules/storage/saver";
import { clock } from "../support/clock";
import { FakeKeyValue } from "../support/fake-device";
import { catchLines } from "../support/lines";

describe("what a node keeps over a restart", () => {
	let flash: FakeKeyValue;
	let saver: Saver;
	beforeEach(() => {
		clock.reset();
		flash = new FakeKeyValue();
		saver = new Saver({ storage: flash as never, path: "led", log: new Log({}) });
	});

	it("is written some seconds after the last change, once", () => {
		saver.write("onboard", "a");
		saver.write("onboard", "b");
		assert.equal(flash.writes, 0);
		clock.advance(5000);
		assert.equal(flash.values.get("led/onboard"), "b");
		assert.equal(flash.writes, 1);
	});
	it("is not written when it is what the flash has already", () => {
		flash.values.set("led/onboard", "a");
		saver.write("onboard", "b");
		saver.write("onboard", "a");
		clock.advance(5000);
		assert.equal(flash.writes, 0);
	});
	it("wears the flash by at most 1,440 writes a day, however often it changes", () => {
		for (let second = 0; second < 86_400; second++) {
			saver.write("onboard", String(second));
			clock.advance(1000);
		}
		assert.ok(flash.writes <= 1440, `${flash.writes} writes`);
		assert.ok(flash.writes > 1000);
	});
	it("is read back before it was written", () => {
		saver.write("onboard", "a");
		assert.equal(saver.read("onboard"), "a");
		assert.equal(saver.read("strip"), undefined);
	});
	it("is written at once when the node goes, and no timer stays", () => {
		saver.write("onboard", "a");
		saver.close();
		assert.equal(flash.values.get("led/onboard"), "a");
		assert.equal(clock.pending, 0);
	});
	it("costs an error on the log, not the node, when the flash is broken", () => {
		flash.broken = true;
		const { lines, restore } = catchLines();
		saver.write("onboard", "a");
		clock.advance(5000);
		clock.advance(600_000);
		restore();
		assert.deepEqual(lines, ['error "led" not saved: flash is worn out']);
	});
	it("is written later, when the flash was broken for a while", () => {
		flash.broken = true;
		const { restore } = catchLines();
		saver.write("onboard", "a");
		clock.advance(5000);
		assert.equal(saver.read("onboard"), "a");
		saver.write("strip", "b");
		flash.broken = false;
		clock.advance(60_000);
		restore();
		assert.equal(flash.values.get("led/onboard"), "a");
		assert.equal(flash.values.get("led/strip"), "b");
	});
});
