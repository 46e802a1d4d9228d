import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Clock } from "../../modules/clock/clock";
import { Uptime } from "../../modules/clock/uptime";
import { Log } from "../../modules/log/log";
import { clock as time } from "../support/clock";
import { FakeBoard } from "../support/fake-device";
import { catchLines } from "../support/lines";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);
let board: FakeBoard;
let clock: Clock;
let sets: number;
const questions = () => board.timeAnswers.length;

describe("the node's clock", () => {
	beforeEach(() => {
		time.reset();
		board = new FakeBoard();
		sets = 0;
		clock = new Clock({
			ntp: board.device().network.ntp.client,
			log: new Log({}),
			owner: { clockSet: () => sets++ },
		});
	});
	const quietly = (act: () => void): string[] => {
		const { lines, restore } = catchLines();
		act();
		restore();
		return lines;
	};

	it("is set by the first answer, and asked for again a day later", () => {
		quietly(() => {
			clock.sync();
			board.timeAnswers.shift()?.(null, NOW);
		});
		assert.equal(sets, 1);
		time.advance(DAY - 1);
		assert.equal(questions(), 0);
		time.advance(1);
		assert.equal(questions(), 1);
	});
	it("is asked for again, with growing pauses of at most 5 minutes, until there is an answer", () => {
		const lines = quietly(() => {
			clock.sync();
			for (let i = 0; i < 12; i++) {
				board.timeAnswers.shift()?.(new Error("no route"));
				time.advance(300_000);
			}
		});
		assert.deepEqual(lines.slice(0, 3), [
			"warn clock: no route, next attempt in 2 s",
			"warn clock: no answer, next attempt in 4 s",
			"warn clock: no answer, next attempt in 8 s",
		]);
		assert.match(lines.at(-1)!, /next attempt in 300 s/);
		quietly(() => board.timeAnswers.at(-1)?.(null, NOW));
	});
	it("is not set to a time before 2025, nor by an answer that comes too late", () => {
		const lines = quietly(() => {
			clock.sync();
			const late = board.timeAnswers[0]!;
			late(null, 0);
			late(null, NOW);
		});
		assert.equal(sets, 0);
		assert.deepEqual(lines, ["warn clock: no valid time, next attempt in 2 s"]);
	});
	it("leaves no timer behind when the network goes or the node ends", () => {
		clock.sync();
		clock.pause();
		assert.equal(time.pending, 0);
		clock.sync();
		clock.close();
		assert.equal(time.pending, 0);
	});
});

describe("the uptime", () => {
	it("goes on where the ticks wrap", () => {
		time.reset();
		const uptime = new Uptime();
		for (let day = 1; day <= 60; day++) {
			time.advance(DAY);
			assert.equal(uptime.seconds, day * 86_400);
		}
	});
});
