import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Log } from "../../modules/log/log";
import { clock } from "../support/clock";
import { catchLines } from "../support/lines";

describe("the node's log", () => {
	let published: string[];
	const publish = (line: string) => published.push(line) > 0;
	beforeEach(() => {
		clock.reset();
		published = [];
	});
	const quietly = (act: () => void): string[] => {
		const { lines, restore } = catchLines();
		try {
			act();
		} finally {
			restore();
		}
		return lines;
	};

	it("goes to the console in full and to the network from its level up", () => {
		const log = new Log({ level: "warn" });
		log.connect({ publishLine: publish });
		const lines = quietly(() => {
			log.debug("a");
			log.info("b");
			log.warn("c");
			log.error("d");
		});
		assert.deepEqual(lines, ["debug a", "info b", "warn c", "error d"]);
		assert.deepEqual(published, ["warn c", "error d"]);
	});
	it("publishes nothing at level off", () => {
		const log = new Log({ level: "off" });
		log.connect({ publishLine: publish });
		quietly(() => log.error("d"));
		assert.deepEqual(published, []);
	});
	it("keeps the last 8 warnings and errors of the boot for the first connection", () => {
		const log = new Log({});
		quietly(() => {
			log.info("not kept");
			for (let i = 0; i < 10; i++) log.error(String(i));
			log.connect({ publishLine: publish });
		});
		assert.deepEqual(
			published,
			[2, 3, 4, 5, 6, 7, 8, 9].map((i) => `error ${i}`),
		);
	});
	it("speaks again after a silence of four weeks, in which the ticks have wrapped", () => {
		const log = new Log({});
		log.connect({ publishLine: publish });
		quietly(() => {
			for (let i = 0; i < 60; i++) log.error("storm");
			published.length = 0;
			clock.advance(28 * 86_400_000);
			log.error("again");
		});
		assert.equal(published.at(-1), "error again");
	});
	it("does not feed itself when publishing a line causes a line", () => {
		const log = new Log({});
		log.connect({
			publishLine: (line) => {
				log.warn("publishing");
				return publish(line);
			},
		});
		const lines = quietly(() => log.error("x"));
		assert.deepEqual(published, ["error x"]);
		assert.deepEqual(lines, ["error x", "warn publishing"]);
	});
	it("survives a line that cannot be published", () => {
		const log = new Log({});
		log.connect({
			publishLine: () => {
				throw new Error("queue full");
			},
		});
		assert.deepEqual(
			quietly(() => log.error("x")),
			["error x", "error log not published: queue full"],
		);
	});
	it("publishes at most 50 lines in 10 s and says how many it left out", () => {
		const log = new Log({});
		log.connect({ publishLine: publish });
		quietly(() => {
			for (let i = 0; i < 80; i++) log.error("x");
			clock.advance(10_000);
			log.error("y");
		});
		assert.equal(published.length, 52);
		assert.deepEqual(published.slice(-2), ["warn 30 lines of the log left out: more than 50 in 10 s", "error y"]);
	});
	it("cuts a long line", () => {
		const log = new Log({});
		log.connect({ publishLine: publish });
		quietly(() => log.error("x".repeat(1000)));
		assert.equal(published[0]!.length, 256);
	});
});
