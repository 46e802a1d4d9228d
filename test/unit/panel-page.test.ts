// The page's own functions that need no browser.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { layOut } from "../../sim/panel/page/board/layout";
import { csvOf } from "../../sim/panel/page/history/csv";
import { exchangeOf } from "../../sim/panel/page/mqtt/exchange";
import { isValid, matches } from "../../sim/panel/page/mqtt/topic-filter";
import { en } from "../../sim/panel/page/text/en";
import { pt } from "../../sim/panel/page/text/pt";
import type { PacketView } from "../../sim/panel/protocol";

const page = join(import.meta.dirname, "../../sim/panel/page");
const sources = readdirSync(page, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
const message = { topic: "vagalume/lab-1/led/onboard", payload: '{"state":"ON"}' };
const filters: [filter: string, fits: boolean][] = [
	["", true],
	["led/on", true],
	["LED", true],
	['"on"', true],
	["relay", false],
	["#", true],
	["vagalume/#", true],
	["vagalume/lab-1/led/onboard/#", true],
	["+/+/led/+", true],
	["+/+/led", false],
	["+/led/#", false],
	["vagalume/+", false],
	["vagalume/+/+/+/+", false],
];

for (const [filter, fits] of filters) {
	test(`the filter "${filter}" ${fits ? "shows" : "hides"} ${message.topic}`, () => {
		assert.equal(matches(filter, message), fits);
	});
}

test("a topic filter that no broker takes is told from one that it does (MQTT-4.7.1)", () => {
	for (const filter of ["#", "a/#", "+/b", "+", "/+/", "a//b"]) assert.ok(isValid(filter), filter);
	for (const filter of ["#/a", "a#", "a/b+", "++", "a/#/b"]) assert.ok(!isValid(filter), filter);
});

test("both languages have the same texts, with the same places to fill in", () => {
	const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join();
	assert.deepEqual(Object.keys(pt), Object.keys(en));
	for (const [name, text] of Object.entries(en)) assert.equal(places(pt[name as keyof typeof en]), places(text), name);
});

test("the page says nothing about the default node: another node.ts gives another page", () => {
	assert.ok(sources.length > 20);
	for (const name of sources)
		assert.doesNotMatch(readFileSync(join(page, name), "utf8"), /"(onboard|climate|fan|boot)"|vagalume-1/, name);
});

const packet = (number: number, direction: "in" | "out", type: string, id?: number, qos?: number): PacketView =>
	({ number, direction, type, id, connection: 1, message: qos === undefined ? undefined : { qos } }) as PacketView;

test("a packet's exchange is found from any of its packets, though the identifier is used again (MQTT-4.3.3)", () => {
	const packets = [
		packet(1, "out", "PUBLISH", 7, 2),
		packet(2, "out", "PUBLISH", 8, 1),
		packet(3, "in", "PUBREC", 7),
		packet(4, "out", "PUBREL", 7),
		packet(5, "in", "PUBACK", 8),
		packet(6, "in", "PUBLISH", 7, 1),
		packet(7, "in", "PUBCOMP", 7),
		packet(8, "out", "PUBACK", 7),
		packet(9, "out", "PUBLISH", 7, 2),
	];
	const numbers = (index: number) => exchangeOf(packets[index]!, packets).packets.map(({ number }) => number);
	for (const index of [0, 2, 3, 6]) assert.deepEqual(numbers(index), [1, 3, 4, 7]);
	assert.deepEqual(numbers(1), [2, 5]);
	assert.deepEqual(numbers(7), [6, 8]);
	assert.deepEqual(exchangeOf(packets[8]!, packets), { packets: [packets[8]], waitingFor: "PUBREC" });
});

test("a CSV has a line an instant and a column a channel, quoted where need be (RFC 4180)", () => {
	const channels = { a: { unit: "°C" }, 'b"': { unit: "%" } } as never;
	const csv = csvOf(channels, { a: [0, 1.5, 2000, 2], 'b"': [2000, 7] });
	assert.equal(csv, 'time,a (°C),"b"" (%)"\r\n1970-01-01T00:00:00.000Z,1.5,\r\n1970-01-01T00:00:02.000Z,2,7\r\n');
});

test("every part hangs on the pins that it uses, on any board, and nothing lies outside the drawing", () => {
	const led = (name: string, gpio: number) =>
		({ name, kind: "led", title: name, wires: [{ gpio, pin: "A" }], onboard: false }) as never;
	for (const board of ["esp32-devkitc", "esp32-c3-devkitm"])
		for (const narrow of [false, true]) {
			const pins = [2, 3, 4, 5, 13, 18, 19, 21];
			const parts = pins.map((gpio) => led(`led/${gpio}`, gpio));
			const { wires, missing, width, height, parts: placed } = layOut({ name: board, pins }, parts, narrow);
			assert.deepEqual(
				wires.map(({ gpio }) => gpio).sort((a, b) => a - b),
				pins,
			);
			assert.deepEqual(missing, []);
			for (const { x, y, label, figure } of placed) {
				assert.ok(x >= 0 && x + figure.width * figure.scale <= width, `${board} ${x} of ${width}`);
				assert.ok(y >= 0 && label.y + 30 <= height + 10, `${board} ${y} of ${height}`);
			}
		}
});
