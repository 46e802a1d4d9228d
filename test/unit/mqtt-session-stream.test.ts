import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Pieces } from "../../modules/mqtt/session";
import { clock } from "../support/clock";
import { network } from "../support/fake-tcp";
import { fresh } from "../support/mqtt-client";
import { SessionBench } from "../support/mqtt-session";

beforeEach(fresh);

/** Pieces, and how many of them were asked for. */
class Texts implements Pieces {
	readonly byteLength: number;
	taken = 0;
	readonly #texts: readonly string[];

	constructor(texts: readonly string[], byteLength = Buffer.byteLength(texts.join(""))) {
		this.#texts = texts;
		this.byteLength = byteLength;
	}
	next(): string | undefined {
		return this.#texts[this.taken++];
	}
}

const hundred = Array.from({ length: 100 }, (_, index) => `"entity ${index} é":"${"x".repeat(index)}",`);

describe("MQTT session: a message that is made while it is sent", () => {
	it("arrives as one message, retained", () => {
		const bench = new SessionBench().start();
		const fates: string[] = [];
		const streamed = bench.session.stream("config", new Texts(hundred), {
			retain: true,
			onFate: (fate) => void fates.push(fate),
		});
		assert.equal(streamed, true);
		const [message, ...others] = bench.sent();
		assert.deepEqual(others, []);
		assert.equal(message.topic, "config");
		assert.equal(message.qos, 0);
		assert.equal(message.retain, true);
		assert.equal(String(message.payload), hundred.join(""));
		assert.deepEqual(fates, ["delivered"]);
	});

	it("goes out as the socket drains, a piece at a time, and others wait behind it", () => {
		network.allowance = 200;
		const bench = new SessionBench().start();
		const pieces = new Texts(hundred);
		bench.session.stream("config", pieces);
		assert.ok(pieces.taken < 10, `${pieces.taken} pieces were made for 200 bytes`);
		bench.publish("other", "one", { QoS: 1 });
		bench.publish("other", "two", { policy: "drop-newest" });
		for (let turn = 0; turn < 200; turn++) {
			bench.socket.drain(200);
			clock.advance(0);
		}
		assert.deepEqual(
			bench.sent().map(({ topic, payload }) => [topic, payload.length]),
			[
				["config", Buffer.byteLength(hundred.join(""))],
				["other", 3],
				["other", 3],
			],
		);
	});

	it("is for a connection only, and one at a time", () => {
		const bench = new SessionBench();
		assert.equal(bench.session.stream("config", new Texts(["a"])), false);
		network.allowance = 100;
		bench.start();
		assert.equal(bench.session.stream("config", new Texts(hundred)), true);
		assert.equal(bench.session.stream("config", new Texts(["a"])), false);
	});

	it("its fate is unknown when the connection breaks in between, and the session goes on", () => {
		network.allowance = 100;
		const bench = new SessionBench().start();
		const fates: string[] = [];
		bench.session.stream("config", new Texts(hundred), { onFate: (fate) => void fates.push(fate) });
		bench.lose();
		assert.deepEqual(fates, ["unknown"]);
		network.allowance = 5000;
		bench.accept(true);
		bench.publish("other", "one");
		assert.deepEqual(bench.published(), ["other=one"]);
	});

	it("whose pieces are not of the length that was said ends the connection: the broker must not take what follows for it", () => {
		for (const length of [5, 12]) {
			fresh();
			const bench = new SessionBench().start();
			const fates: string[] = [];
			bench.session.stream("config", new Texts(["12345", "67890"], length), {
				onFate: (fate) => void fates.push(fate),
			});
			if (length === 5) {
				assert.deepEqual(fates, ["delivered"]);
				continue;
			}
			assert.deepEqual(fates, ["unknown"]);
			assert.match(bench.log.join("\n"), /the pieces end 2 bytes before byteLength/);
			assert.ok(!bench.session.connected);
		}
	});

	it("refuses a topic that is none", () => {
		const bench = new SessionBench().start();
		assert.throws(() => bench.session.stream("a/#", new Texts(["a"])), /wildcard/);
	});
});
