import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import mqttPacket, { type Packet } from "mqtt-packet";
import { Router } from "../../modules/mqtt/router";
import { parseSimOptions } from "../../sim/options";
import { chapters } from "../support/tutorial";
import { leftOut } from "../support/tutorial-reader";

const pages = ["docs/tutorial.pt-BR.md", "docs/tutorial.md"] as const;
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const blocks = (text: string) => [...text.matchAll(/^```\w*\n[\s\S]*?^```$/gm)].map(([block]) => block);
const prose = (text: string) => text.replace(/^```[\s\S]*?^```$/gm, "");
/** Levels and numbers of the headings: `## 3`. */
const headings = (text: string) => [...prose(text).matchAll(/^(#+)(?: (\d+)\.)?/gm)].map(([heading]) => heading);
/** The rows of the tables, as cells. */
const rows = (text: string) =>
	[...prose(text).matchAll(/^\| (.*) \|$/gm)].map(([, row]) => row!.split("|").map((cell) => cell.trim()));
const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);

/** What bash's printf writes. */
const printed = (format: string) =>
	Buffer.from(
		format.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
		"latin1",
	);

function packets(bytes: Buffer): Packet[] {
	const parser = mqttPacket.parser({ protocolVersion: 4 });
	const found: Packet[] = [];
	parser.on("packet", (packet) => found.push(packet));
	parser.on("error", (error) => assert.fail(error));
	assert.equal(parser.parse(bytes), 0, "bytes are left over");
	return found;
}

test("both languages have the same headings", () => {
	const [portuguese, english] = pages.map((page) => headings(read(page)));
	assert.ok(portuguese!.length > 10);
	assert.deepEqual(portuguese, english);
});

test("both languages have the same commands and outputs", () => {
	const [portuguese, english] = pages.map((page) => blocks(read(page)));
	assert.ok(portuguese!.length > 20);
	assert.deepEqual(portuguese, english);
});

test("both languages tell the reader to do the same, in the same order", () => {
	const [portuguese, english] = ["tutorial.pt-BR.md", "tutorial.md"].map((page) =>
		chapters(page).map(({ steps }) => steps),
	);
	assert.ok(english!.flat().length > 50);
	assert.deepEqual(portuguese, english);
});

test("every chapter with something to type is read by a system test, and what of them is left out is there", () => {
	const commands = chapters("tutorial.md").map(({ number, steps }) => ({
		number,
		steps,
		lines: steps.flatMap((step) => (step.kind === "commands" ? step.lines : [])),
	}));
	const files = ["docs-tutorial", "docs-tutorial-broker", "docs-tutorial-node"].map((name) =>
		read(`test/system/${name}.test.ts`),
	);
	const tested = files.flatMap((text) => JSON.parse(/\[[\d, ]+\]/.exec(text)![0]) as number[]);
	assert.deepEqual(
		tested.sort((a, b) => a - b),
		commands.flatMap(({ number, steps }) => (steps.length > 0 ? [number] : [])),
	);
	for (const [what, why] of leftOut)
		assert.ok(
			commands.some(({ lines }) => lines.some((line) => what.test(line))),
			`${what}, ${why}: no such command`,
		);
});

test("both languages have tables of the same size, with the same code in them", () => {
	const [portuguese, english] = pages.map((page) => rows(read(page)));
	assert.equal(portuguese!.length, english!.length);
	for (const [index, row] of portuguese!.entries())
		assert.deepEqual(quoted(row[0]!), quoted(english![index]![0]!), `row ${index}`);
});

for (const page of pages) {
	const text = read(page);

	test(`${page} links to files that exist`, () => {
		const links = [...prose(text).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path!);
		assert.ok(links.length > 8);
		for (const path of links) assert.ok(existsSync(new URL(path, new URL(`../../${page}`, import.meta.url))), path);
	});

	test(`${page} names options that the simulator has`, () => {
		const lines = [...text.matchAll(/vagalume\.js sim ([^<|\n]+)/g)].map(([, options]) => options!.trim().split(/ +/));
		assert.ok(lines.length >= 6);
		for (const options of lines) {
			const own = options.map((option) => (option.startsWith("broker/") ? "package.json" : option));
			assert.doesNotThrow(() => parseSimOptions(own), options.join(" "));
		}
	});

	test(`${page} sends a CONNECT and a PUBLISH that say what the page says`, () => {
		const formats = [...text.matchAll(/^printf '([^']+)' >&3$/gm)].map(([, format]) => format!);
		assert.equal(formats.length, 2);
		const [connect, publish] = packets(Buffer.concat(formats.map(printed)));
		assert.ok(connect?.cmd === "connect" && publish?.cmd === "publish");
		assert.deepEqual(
			[connect.protocolId, connect.protocolVersion, connect.clean, connect.keepalive, connect.clientId],
			["MQTT", 4, true, 60, "a"],
		);
		assert.equal(publish.topic, "vagalume/vagalume-1/led/onboard/set");
		assert.equal(String(publish.payload), "50");
		assert.deepEqual([publish.qos, publish.retain, publish.dup, publish.messageId], [1, false, false, 1]);
	});

	test(`${page} decodes that PUBLISH byte by byte`, () => {
		const cells = rows(text).flatMap(([first]) => /^`((?:[0-9a-f]{2} ?)+)`$/.exec(first!)?.[1] ?? []);
		const bytes = Buffer.from(cells.join("").replaceAll(" ", ""), "hex");
		const [, format] = [...text.matchAll(/^printf '([^']+)' >&3$/gm)].map(([, format]) => format!);
		assert.deepEqual(bytes, printed(format!));
		assert.equal(bytes[1], bytes.length - 2);
		const retained = Buffer.from(bytes);
		retained[0] = 0x33;
		assert.equal((packets(retained)[0] as { retain?: boolean }).retain, true);
		const again = Buffer.from(bytes);
		again[0] = 0x3a;
		assert.equal(packets(again)[0]!.cmd, "publish");
		assert.equal((packets(again)[0] as { dup?: boolean }).dup, true);
	});

	test(`${page} shows the broker's answer: CONNACK and PUBACK`, () => {
		const answer = /^ (20 02(?: [0-9a-f]{2})+)$/m.exec(text)![1]!;
		const [connack, puback] = packets(Buffer.from(answer.replaceAll(" ", ""), "hex"));
		assert.ok(connack?.cmd === "connack" && puback?.cmd === "puback");
		assert.equal(connack.returnCode, 0);
		assert.equal(puback.messageId, 1);
	});

	test(`${page} is right about what its wildcards get`, () => {
		const table = rows(text).filter(([filter]) => /^`[^`]*[+#][^`]*`$/.test(filter!));
		assert.ok(table.length >= 6);
		for (const [filter, matching, other] of table) {
			const [code] = quoted(filter!);
			const router = new Router<true>();
			if (other === "") {
				assert.throws(() => router.on(code!, true), code);
				continue;
			}
			router.on(code!, true);
			const gets = (topic: string) => {
				let count = 0;
				router.match(topic, () => void count++, undefined);
				return count > 0;
			};
			for (const topic of quoted(matching!)) assert.ok(gets(topic), `${code} gets ${topic}`);
			for (const topic of quoted(other!)) assert.ok(!gets(topic), `${code} does not get ${topic}`);
		}
	});

	test(`${page} is short enough to be read`, () => assert.ok(text.split("\n").length <= 480));
}
