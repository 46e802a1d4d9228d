import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { root } from "../../tools/root";
import { compareMqttHttp, READING, type WayCost } from "../support/mqtt-http";

const pages = ["tutorial.md", "tutorial.pt-BR.md"] as const;
const read = (page: string) => readFileSync(join(root, "docs", page), "utf8");

interface Said {
	readonly sent: number;
	readonly received: number;
	readonly bytes: number;
}
/** The table of `npm run bench -- http`, as a page has it. */
function said(page: string): Map<string, Said> {
	const rows = [...read(page).matchAll(/^((?:MQTT|HTTPS?), [^\d]*(?:\d[^\d]*)?) {2,}(\d+) +(\d+) +(\d+) +[\d.]+$/gm)];
	return new Map(
		rows.map(([, way, ...numbers]) => {
			const [sent, received, bytes] = numbers.map(Number);
			return [way!.trim(), { sent: sent!, received: received!, bytes: bytes! }];
		}),
	);
}

describe("MQTT against HTTP, as the tutorial says", () => {
	let costs: WayCost[];
	before(async () => {
		costs = await compareMqttHttp(50);
	});
	const cost = (way: string) => costs.find((one) => one.way === way)!;

	for (const page of pages) {
		test(`${page}: the bytes of each way are those on the wire`, () => {
			const table = said(page);
			assert.deepEqual(
				[...table.keys()],
				costs.map(({ way }) => way),
			);
			for (const { way, sent, received } of costs) {
				const { bytes, ...numbers } = table.get(way)!;
				assert.equal(bytes, numbers.sent + numbers.received, way);
				// A handshake has keys and signatures whose length varies, and another TLS library offers other things.
				if (way.startsWith("HTTPS"))
					assert.ok(Math.abs(sent + received - bytes) < 0.35 * bytes, `${way}: ${sent + received}`);
				else assert.deepEqual({ sent, received }, numbers, way);
			}
		});

		test(`${page}: the overheads in its comparison are those of the table`, () => {
			const [, mqtt, http] =
				/^\| (?:overhead a message|custo por mensagem) \|[^|]*; (\d+) bytes[^|]*\|[^|\d]*(\d+) bytes/m.exec(
					read(page),
				)!;
			const overhead = (way: string) => cost(way).sent + cost(way).received - READING.payload.length;
			assert.equal(Number(mqtt), overhead("MQTT, QoS 1, connection open"));
			assert.equal(
				Number(http),
				Math.min(...costs.filter(({ way }) => way.startsWith("HTTP")).map(({ way }) => overhead(way))),
			);
		});

		test(`${page}: PINGREQ and its answer are two bytes each`, () =>
			assert.match(read(page), /PINGREQ [^.]*\(2 \+ 2 bytes\)/));
	}

	// The others are too near each other for a computer that does something else, too.
	test("on this computer, too, who has to connect first is later", () => {
		assert.ok(
			cost("MQTT, QoS 1, connection open").latency < cost("HTTPS, new connection").latency,
			JSON.stringify(costs),
		);
	});
});
