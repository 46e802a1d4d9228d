/** Updates over the air of whole nodes in virtual time, over MQTT and over HTTP. */
import assert from "node:assert/strict";
import { after, describe, type TestContext, test } from "node:test";
import type { Release } from "../../modules/update/release";
import { MemoryFolder } from "../chaos/memory-folder";
import { imageOf, Owner, type Transport, transports } from "../support/owner";
import { signingKey } from "../support/release";
import { VirtualSimulation } from "../support/virtual-simulation";

const owner = new Owner();
after(() => owner.close());
const BASE = "vagalume/sala";
const AVAILABLE = `${BASE}/update/available`;
const good = imageOf("1.1.0");

interface State {
	installed_version: string;
	latest_version: string;
	in_progress: boolean;
	update_percentage: number | null;
	phase: string;
	result?: string;
	reason?: string;
	message?: string;
}

class Field {
	readonly world: VirtualSimulation;

	constructor(world: VirtualSimulation) {
		this.world = world;
		owner.onBlock = (block) => block;
		owner.web = undefined;
		owner.delay = 0;
		owner.serve(world);
	}

	/** A node that is connected. */
	static async open(t: TestContext, transport: Transport = "MQTT"): Promise<Field> {
		owner.transport = transport;
		const field = new Field(await VirtualSimulation.start(t, owner.options));
		await field.world.run(20);
		return field;
	}

	get states(): State[] {
		return this.world.output.sent(`${BASE}/update`).map((text) => JSON.parse(text) as State);
	}

	get state(): State {
		return this.states.at(-1)!;
	}

	/** Lets time pass until the node says that. */
	async until(is: (state: State) => boolean, seconds = 900): Promise<State> {
		for (let passed = 0; passed < seconds; passed++) {
			const { state } = this;
			if (state && is(state)) return state;
			await this.world.run(1);
		}
		assert.fail(`after ${seconds} s: ${JSON.stringify(this.state)}\n${this.world.output.lines.slice(-12).join("\n")}`);
	}

	announce(release: string, topic = AVAILABLE, retain = false): void {
		this.world.order(topic, owner.announcement(release), retain);
	}

	/** Nothing is refused silently, and whatever was refused leaves the node at work. */
	async refuses(release: string, reason: string, about: RegExp): Promise<void> {
		const said = this.states.length;
		this.announce(release);
		const state = await this.until(
			(state) => this.states.length > said && state.phase === "idle" && state.result !== undefined,
		);
		assert.equal(state.result, "refused");
		assert.equal(state.reason, reason, state.message);
		assert.match(state.message!, about);
		assert.equal(state.installed_version, "0.1.0");
		assert.equal(this.world.output.lines.filter((line) => / boots: /.test(line)).length, 1, "it never booted");
	}
}

for (const transport of transports)
	describe(`an update over ${transport}`, () => {
		test("is announced, downloaded, booted on trial, confirmed, and tells each of it", async (t) => {
			const field = await Field.open(t, transport);
			assert.equal(field.state.phase, "idle");
			field.announce(owner.sign(good, { summary: "new lights" }), AVAILABLE, true);
			const state = await field.until(({ result }) => result === "confirmed");
			assert.equal(state.installed_version, "1.1.0");
			assert.equal(state.in_progress, false);
			const phases = field.states.map(({ phase }) => phase);
			assert.deepEqual(
				phases.filter((phase, index) => phase !== phases[index - 1]),
				["idle", "downloading", "checking", "installing", "trial", "idle"],
			);
			const percents = field.states.flatMap(({ update_percentage }) => update_percentage ?? []);
			assert.deepEqual(
				percents,
				[...percents].sort((a, b) => a - b),
			);
			const info = field.world.output.sent(`${BASE}/info`).map((text) => JSON.parse(text).version);
			assert.deepEqual(info, ["0.1.0", "1.1.0"]);
			// The retained announcement comes again with each connection, and changes nothing.
			const { given } = owner;
			field.world.node.reset();
			await field.world.run(60);
			assert.equal(owner.given, given);
			assert.equal(field.state.result, undefined);
			assert.equal(field.state.installed_version, "1.1.0");
		});

		test("is announced to a group, too, and by a command", async (t) => {
			const field = await Field.open(t, transport);
			field.announce(owner.sign(good), "vagalume/all/update/available");
			await field.until(({ phase }) => phase === "downloading");
			field.world.order(`${BASE}/command/update`, '{"abort":true}');
			const release = owner.sign(good);
			const command = { release, ...(transport === "HTTP" && { url: owner.urlOf(release) }) };
			const aborted = await field.until(({ result }) => result === "refused");
			assert.equal(aborted.reason, "aborted");
			field.world.order(`${BASE}/command/update`, JSON.stringify({ id: 7, ...command }));
			await field.until(({ result }) => result === "confirmed");
			const answers = field.world.output.sent(`${BASE}/response/update`).map((text) => JSON.parse(text));
			assert.equal(answers.at(-1).id, 7);
			assert.equal(answers.at(-1).result.phase, "verifying");
		});

		test("goes on through lost, doubled and strange blocks, a broken connection and a silent owner", async (t) => {
			const field = await Field.open(t, transport);
			let count = 0;
			owner.onBlock = (block) => {
				count++;
				if (count % 40 === 0) return undefined;
				if (count % 41 === 0) return block.subarray(0, 9);
				if (count % 43 === 0) field.world.order(`${BASE}/update/block`, block);
				if (count % 47 === 0) field.world.order(`${BASE}/update/block`, Buffer.alloc(2052, 7));
				return block;
			};
			field.announce(owner.sign(good));
			await field.until(({ phase }) => phase === "downloading");
			await field.world.run(20);
			field.world.node.wifi.down();
			await field.world.run(100);
			field.world.node.wifi.restore();
			await field.until(({ result }) => result === "confirmed", 1800);
		});

		test("telemetry and orders go on in time throughout, and none of them is lost or doubled", async (t) => {
			const field = await Field.open(t, transport);
			owner.delay = 1000;
			field.announce(owner.sign(good));
			await field.until(({ phase }) => phase === "downloading");
			let pings = 0;
			while (field.state.phase !== "checking" && pings < 500) {
				field.world.order(`${BASE}/command/ping`, `{"id":${pings++}}`);
				await field.world.run(1);
			}
			assert.ok(pings > 150, `the download took ${pings} s`);
			await field.until(({ result }) => result === "confirmed");
			const { messages } = field.world.output;
			const sent = (topic: string) =>
				messages.filter((message) => message.topic === topic && message.direction === "out");
			const installing = sent(`${BASE}/update`).find(({ payload }) => payload.includes('"installing"'))!.date;
			const dates = sent(`${BASE}/telemetry`).flatMap(({ date }) => (date < installing ? date : []));
			assert.ok(dates.length > 15);
			for (const [index, date] of dates.entries())
				if (index > 0) assert.ok(Math.abs(date - dates[index - 1]! - 10_000) < 200, `${date - dates[index - 1]!} ms`);
			const ids = sent(`${BASE}/response/ping`).map(({ payload }) => JSON.parse(payload.toString()).id as number);
			assert.deepEqual(
				ids,
				Array.from({ length: pings }, (_, index) => index),
			);
		});
	});

for (const transport of transports)
	describe(`over ${transport}, refused before it is booted, with its reason:`, () => {
		const refusals: [string, string, RegExp, () => string][] = [
			["a forged release", "signature", /signature is wrong/, () => owner.sign(good).replace(/.{20}$/, "A".repeat(20))],
			["one that is no release", "malformed", /three parts/, () => "hello"],
			["a truncated one", "malformed", /64 bytes/, () => owner.sign(good).slice(0, -9)],
			["one that is much too long", "malformed", /3600 characters, at most 3584/, () => "A".repeat(3600)],
			["one by an unknown key", "unknown-key", /none of those/, () => owner.sign(good, {}, signingKey().privateKey)],
			[
				"an older one, sent again",
				"replay",
				/expected more than 100000/,
				() => owner.sign(good, { sequence: 100000, version: "0.2.0" }),
			],
			["one for another firmware", "wrong-name", /"Other"/, () => owner.sign(good, { name: "Other" })],
			[
				"one for another board",
				"wrong-board",
				/for esp32, not for simulator/,
				() => owner.sign(good, { images: { esp32: { size: 9, sha256: "A".repeat(43) } } }),
			],
			["an expired one", "expired", /2025-01-01/, () => owner.sign(good, { expires: Date.UTC(2025, 0) / 1000 })],
			[
				"an oversized one",
				"too-large",
				/1769473 bytes, the slot 1769472/,
				() => owner.sign(good, { images: { simulator: { size: 1769473, sha256: "A".repeat(43) } } }),
			],
			["an image that is none", "flash", /cannot be booted: firmware/, () => owner.sign(Buffer.alloc(5000, "ELF"))],
		];
		test(refusals.map(([what]) => what).join(", "), async (t) => {
			const field = await Field.open(t, transport);
			for (const [, reason, about, make] of refusals) await field.refuses(make(), reason, about);
		});

		test("an image that cannot be booted is not fetched again with each connection", async (t) => {
			const field = await Field.open(t, transport);
			const release = owner.sign(Buffer.alloc(5000, "ELF"));
			await field.refuses(release, "flash", /cannot be booted/);
			const { given } = owner;
			field.announce(release, AVAILABLE, true);
			await field.world.run(60);
			field.world.node.reset();
			await field.world.run(60);
			assert.equal(owner.given, given);
			assert.match(field.state.message!, /cannot be booted/);
		});

		test("a release that was being fetched when its key was taken away", async (t) => {
			const folder = new MemoryFolder();
			const flash = { path: "", folder, notice: undefined, close: () => {} };
			owner.transport = transport;
			const world = await VirtualSimulation.start(t, owner.options, undefined, { flashOf: () => flash });
			const first = new Field(world);
			owner.delay = 1000;
			await world.run(20);
			first.announce(owner.sign(good));
			await first.until(({ phase }) => phase === "downloading");
			await world.end();
			const other = new Owner();
			other.transport = transport;
			t.after(() => other.close());
			const again = await VirtualSimulation.start(t, other.options, undefined, {
				flashOf: () => flash,
			});
			await again.run(20);
			const state = new Field(again).state;
			assert.deepEqual([state.phase, state.result, state.reason], ["idle", "refused", "unknown-key"]);
		});

		test("an image with a bit changed on its way", async (t) => {
			const field = await Field.open(t, transport);
			owner.onBlock = (block) => {
				if (owner.given === 50) block[100]! ^= 1;
				return block;
			};
			await field.refuses(owner.sign(good), "hash", /SHA-256/);
		});

		test("an image that never comes, once the release has expired", async (t) => {
			const field = await Field.open(t, transport);
			owner.onBlock = () => undefined;
			const expires = Date.UTC(2026, 0, 1, 0, 10) / 1000;
			await field.refuses(owner.sign(good, { expires }), "expired", /expired before its image was here/);
		});

		test("a release by a key that a former one took away, and one below the lowest version", async (t) => {
			const field = await Field.open(t, transport);
			const next = signingKey();
			const changeOver: Partial<Release> = {
				minimum: "1.0.0",
				keys: [Buffer.from(next.trusted.bytes).toString("base64url")],
			};
			field.announce(owner.sign(good, changeOver));
			await field.until(({ result }) => result === "confirmed");
			const refused = async (release: string, reason: string) => {
				const said = field.states.length;
				field.announce(release);
				const state = await field.until(() => field.states.length > said);
				assert.equal(state.reason, reason, state.message);
			};
			await refused(owner.sign(good, { version: "1.2.0" }), "revoked-key");
			await refused(owner.sign(good, { version: "0.9.0", sequence: 1e14 }, next.privateKey), "downgrade");
			field.announce(owner.sign(imageOf("1.3.0"), { version: "1.3.0" }, next.privateKey));
			const state = await field.until(({ installed_version }) => installed_version === "1.3.0");
			assert.equal(state.phase, "trial");
		});
	});

describe("given up by itself, and said once the former firmware is back:", () => {
	const bad: [string, Record<string, string>, RegExp][] = [
		["one that throws at boot", { "main.ts": "throw new Error('oops');" }, /given up: reset: panic/],
		["one that hangs", { "main.ts": "for (;;);" }, /given up: reset: watchdog/],
		["one that does nothing", { "main.ts": "" }, /given up: reset: watchdog/],
		[
			"one that fills its heap",
			{ "main.ts": "const all = []; for (;;) all.push(new Uint8Array(1000));" },
			/given up: reset: panic/,
		],
	];
	for (const [what, changes, about] of bad)
		test(what, async (t) => {
			const field = await Field.open(t);
			const release = owner.sign(imageOf("1.1.0", changes));
			field.announce(release, AVAILABLE, true);
			const state = await field.until(({ result }) => result === "rolled-back", 2000);
			assert.match(state.message!, about);
			assert.equal(state.installed_version, "0.1.0");
			// The announcement is still there: it is not tried for ever.
			const { given } = owner;
			field.world.node.reset();
			await field.world.run(120);
			assert.equal(owner.given, given);
			assert.equal(field.state.result, "rolled-back");
			field.world.order(`${BASE}/command/update`, '{"retry":true}');
			field.announce(release);
			await field.until(({ phase }) => phase === "downloading");
			assert.equal(await field.world.end(), 0);
		});

	test("one that cannot reach the broker", async (t) => {
		const field = await Field.open(t);
		const image = imageOf("1.1.0", {
			"modules/network/station.ts": "export class Station { start() {} close() {} up = false; signal = 0; }",
		});
		field.announce(owner.sign(image));
		const state = await field.until(({ result }) => result === "rolled-back", 2000);
		assert.match(state.message!, /given up: no connection to the broker within 300 s/);
	});
});
