import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { LightKind } from "../../modules/description/lights";
import { Animator } from "../../modules/light/animator";
import { Light } from "../../modules/light/light";
import { openLightOutput } from "../../modules/light/light-output";
import { Log } from "../../modules/log/log";
import { Outputs } from "../../modules/output/outputs";
import { clock } from "../support/clock";
import { FakeBoard, FakeMessenger } from "../support/fake-device";
import { catchLines } from "../support/lines";

const BASE = "casa/sala";
let board: FakeBoard;
let messenger: FakeMessenger;
let light: Light;
let log: Log;

function wire(kind: LightKind): void {
	clock.reset();
	board = new FakeBoard();
	messenger = new FakeMessenger();
	log = new Log({});
	log.connect({
		publishLine: (line) => {
			messenger.publish(`${BASE}/log`, line);
			return true;
		},
	});
	const description =
		kind === "rgb"
			? ({ kind, pin: 13, length: 2 } as const)
			: kind === "dimmable"
				? ({ kind, pin: 2 } as const)
				: ({ kind, pin: 2 } as const);
	const output = openLightOutput(board.device(), "esp32-devkitc", description);
	light = new Light({ name: "onboard", kind, output, animator: new Animator(), log });
	new Outputs({ kind: "led", members: [light], messenger, base: BASE, log });
}
const order = (payload: string | Uint8Array, retain = false) =>
	messenger.send(`${BASE}/led/onboard/set`, payload, retain);
const state = () => JSON.parse(messenger.last(`${BASE}/led/onboard`) ?? "null");

describe("a dimmable light", () => {
	beforeEach(() => wire("dimmable"));

	it("is dark after the boot", () => {
		assert.equal(board.duties.get(2), 0);
		assert.equal(JSON.parse(light.state).state, "OFF");
	});
	it("lights at ON and is dark at OFF", () => {
		order("ON");
		assert.equal(board.duties.get(2), 1023);
		assert.equal(state().state, "ON");
		order("OFF");
		assert.equal(board.duties.get(2), 0);
		assert.equal(state().state, "OFF");
	});
	it("shows half its brightness at 50", () => {
		order("50");
		assert.ok([127, 128].includes(state().brightness), `brightness ${state().brightness}`);
		assert.ok(Math.abs(board.duties.get(2)! - 512) < 5);
	});
	it("is off at 0 and keeps its brightness for the next ON", () => {
		order("20");
		order("0");
		assert.equal(state().state, "OFF");
		order("ON");
		assert.equal(state().brightness, 51);
	});
	it("changes from ON to OFF and back at TOGGLE", () => {
		order("TOGGLE");
		assert.equal(state().state, "ON");
		order("TOGGLE");
		assert.equal(state().state, "OFF");
	});
	it("obeys Home Assistant's JSON and answers in it", () => {
		order('{"state":"ON","brightness":128}');
		assert.deepEqual(state(), { state: "ON", brightness: 128, color_mode: "brightness", effect: "none" });
		assert.equal(board.duties.get(2), Math.round((128 / 255) * 1023));
	});
	it("still glows at brightness 1 of 255", () => {
		order('{"brightness":1}');
		assert.ok(board.duties.get(2)! >= 1);
	});
	it("tells its state after every accepted order, changed or not, retained at QoS 1", () => {
		order("ON");
		order("ON");
		assert.equal(messenger.all(`${BASE}/led/onboard`).length, 2);
		const { QoS, retain } = messenger.published.findLast(({ topic }) => topic.endsWith("onboard"))!;
		assert.deepEqual({ QoS, retain }, { QoS: 1, retain: true });
	});
	it("arrives at its brightness when the transition is over, by way of half of it", () => {
		order('{"state":"ON","brightness":255,"transition":2}');
		assert.equal(state().brightness, 255);
		clock.advance(1000);
		assert.ok(Math.abs(board.duties.get(2)! - 512) < 30, `duty ${board.duties.get(2)}`);
		clock.advance(1100);
		assert.equal(board.duties.get(2), 1023);
		assert.equal(clock.pending, 0);
	});
	it("blinks once a second until it is told otherwise", () => {
		order('{"state":"ON","effect":"blink"}');
		clock.advance(300);
		assert.equal(board.duties.get(2), 1023);
		clock.advance(500);
		assert.equal(board.duties.get(2), 0);
		order("OFF");
		assert.equal(state().effect, "none");
		clock.advance(5000);
		assert.equal(board.duties.get(2), 0);
		assert.equal(clock.pending, 0);
	});
	it("breathes with pulse and fades with fade", () => {
		for (const [effect, dark] of [
			["pulse", 1000],
			["fade", 3000],
		] as const) {
			order(`{"state":"ON","effect":"${effect}"}`);
			clock.advance(dark);
			assert.ok(board.duties.get(2)! < 60, `${effect}: duty ${board.duties.get(2)} when darkest`);
			clock.advance(dark);
			assert.ok(board.duties.get(2)! > 960, `${effect}: duty ${board.duties.get(2)} when brightest`);
		}
	});
	it("flashes and then shows its state again", () => {
		order("20");
		order('{"state":"ON","flash":"short"}');
		clock.advance(40);
		assert.equal(board.duties.get(2), 1023);
		clock.advance(2100);
		assert.equal(board.duties.get(2), Math.round((51 / 255) * 1023));
		assert.equal(clock.pending, 0);
	});

	for (const [rubbish, complaint] of [
		["", /"" is not ON, OFF, TOGGLE, 0\.\.100 or a JSON object/],
		["on", /"on" is not ON/],
		["101", /101 percent is outside 0\.\.100/],
		["-1", /"-1" is not ON/],
		["1e2", /"1e2" is not ON/],
		["NaN", /"NaN" is not ON/],
		["[1]", /is not ON/],
		["{", /"\{" is not valid JSON/],
		["{}", /an empty JSON object orders nothing/],
		['{"state":"MAYBE"}', /state "MAYBE" is not ON, OFF or TOGGLE/],
		['{"brightness":300}', /brightness 300 is outside 0\.\.255/],
		['{"brightness":"128"}', /brightness "128" is outside 0\.\.255/],
		['{"brightness":1.5}', /brightness 1.5 is outside/],
		['{"state":"ON","color":{"r":1,"g":2,"b":3}}', /has no color/],
		['{"state":"ON","effect":"disco"}', /effect "disco" is none of none, blink, pulse, fade/],
		['{"state":"ON","transition":-1}', /transition -1 is outside 0\.\.300 s/],
		['{"state":"ON","flash":"often"}', /flash "often" is not short, long, or up to 60 s/],
		['{"state":"ON","speed":3}', /"speed" is unknown, expected one of state, brightness/],
		[`{"state":${"[".repeat(100)}${"]".repeat(100)}}`, /JSON is nested deeper than 4/],
		[`{"color":[${"{},".repeat(40)}1]}`, /JSON has more than 32 values/],
		['{"state":"ON","__proto__":{"state":"ON"}}', /"__proto__" is unknown/],
		['{"state":"ON,{[\\"","x":1}', /"x" is unknown/],
		["x".repeat(513), /payload of 513 bytes is longer than 512/],
	] as const)
		it(`refuses ${JSON.stringify(rubbish.slice(0, 45))}, says why, and stays as it was`, () => {
			order("20");
			const before = messenger.published.length;
			const duty = board.duties.get(2);
			const { lines, restore } = catchLines();
			order(rubbish);
			restore();
			assert.match(lines.join("\n"), complaint);
			assert.match(lines.join("\n"), /^error led "onboard": /);
			assert.equal(board.duties.get(2), duty);
			const after = messenger.published.slice(before);
			assert.deepEqual(
				after.map(({ topic }) => topic),
				[`${BASE}/log`],
				"only the log says something",
			);
			assert.match(after[0]!.payload, complaint);
		});
	it("refuses bytes that are not UTF-8", () => {
		const { lines, restore } = catchLines();
		order(new Uint8Array([0xff, 0xfe]));
		restore();
		assert.match(lines[0]!, /payload is not UTF-8/);
	});
	it("refuses a retained order, which is old", () => {
		const { lines, restore } = catchLines();
		order("ON", true);
		restore();
		assert.match(lines[0]!, /led "onboard": refused, it is a retained message/);
		assert.equal(board.duties.get(2), 0);
		assert.equal(state(), null);
	});
	it("hears its group", () => {
		messenger.send("casa/all/led/onboard/set", "ON");
		assert.equal(state().state, "ON");
	});
	it("says nothing of a group's order to a light that only others have, but names its own when asked itself", () => {
		const { lines, restore } = catchLines();
		messenger.send("casa/all/led/porch/set", "ON");
		assert.deepEqual(lines, []);
		messenger.send(`${BASE}/led/porch/set`, "ON");
		restore();
		assert.deepEqual(lines, ['error led "porch": unknown, this node has onboard']);
	});
});

describe("an on-off light", () => {
	beforeEach(() => wire("on-off"));

	it("takes any percentage above 0 as ON", () => {
		order("30");
		assert.equal(board.levels.get(2), 1);
		assert.deepEqual(state(), { state: "ON", color_mode: "onoff", effect: "none" });
		order("0");
		assert.equal(board.levels.get(2), 0);
	});
	it("says that it has no brightness and no pulse", () => {
		const { lines, restore } = catchLines();
		order('{"brightness":10}');
		order('{"effect":"pulse"}');
		restore();
		assert.match(lines[0]!, /has no brightness/);
		assert.match(lines[1]!, /effect "pulse" is none of none, blink/);
	});
});

describe("an RGB strip", () => {
	beforeEach(() => wire("rgb"));

	it("shows a colour at a brightness on all its pixels", () => {
		order('{"state":"ON","brightness":128,"color":{"r":255,"g":0,"b":100}}');
		assert.deepEqual(board.strips.get(13), [128, 0, 50, 128, 0, 50]);
		assert.deepEqual(state(), {
			state: "ON",
			brightness: 128,
			color_mode: "rgb",
			color: { r: 255, g: 0, b: 100 },
			effect: "none",
		});
	});
	it("refuses a colour that lacks a part", () => {
		const { lines, restore } = catchLines();
		order('{"color":{"r":1,"g":2}}');
		restore();
		assert.match(lines[0]!, /color\.b undefined is outside 0\.\.255/);
		assert.deepEqual(board.strips.get(13), [0, 0, 0, 0, 0, 0]);
	});
	it("obeys its own state when it comes back as an order", () => {
		order('{"state":"ON","brightness":7,"color":{"r":1,"g":2,"b":3},"effect":"pulse"}');
		const told = messenger.last(`${BASE}/led/onboard`)!;
		order("OFF");
		order(told);
		assert.equal(messenger.last(`${BASE}/led/onboard`), told);
	});
});
