/** Updates whose image comes by HTTP, in virtual time: what servers may do, well and badly. */
import assert from "node:assert/strict";
import type { RequestListener, ServerResponse } from "node:http";
import type { Writable } from "node:stream";
import { after, beforeEach, describe, type TestContext, test } from "node:test";
import { serveImages } from "../../tools/ota/image-server";
import { MemoryFolder } from "../chaos/memory-folder";
import { imageOf, Owner } from "../support/owner";
import { VirtualSimulation } from "../support/virtual-simulation";

const owner = new Owner();
owner.transport = "HTTP";
after(() => owner.close());
const BASE = "vagalume/sala";
const good = imageOf("1.1.0");

beforeEach(() => {
	owner.web = undefined;
	owner.onBlock = (block) => block;
	owner.delay = 0;
});

const statesOf = (world: VirtualSimulation) => world.output.sent(`${BASE}/update`).map((text) => JSON.parse(text));

async function until(world: VirtualSimulation, is: (state: Record<string, string>) => boolean, seconds = 900) {
	for (let passed = 0; passed < seconds; passed++) {
		const state = statesOf(world).at(-1);
		if (state && is(state)) return state;
		await world.run(1);
	}
	assert.fail(
		`after ${seconds} s: ${JSON.stringify(statesOf(world).at(-1))}\n${world.output.lines.slice(-9).join("\n")}`,
	);
}

/** A node that is connected and was told of a release. */
async function told(t: TestContext, web?: RequestListener, options = owner.options): Promise<VirtualSimulation> {
	const world = await VirtualSimulation.start(t, options);
	owner.serve(world);
	owner.web = web;
	await world.run(20);
	world.order(`${BASE}/update/available`, owner.announcement(owner.sign(good)));
	await world.run(1);
	return world;
}

const confirmed = ({ result, installed_version }: Record<string, string>) =>
	result === "confirmed" && installed_version === "1.1.0";
const images = serveImages(owner.files);
/** Without ranges, as simple servers are. */
const whole: RequestListener = (request, response) => {
	request.headers.range = undefined;
	images(request, response);
};

const block = Buffer.alloc(2048, "x");
/** Writes for ever. */
function pour(response: Writable): void {
	if (response.destroyed) return;
	response.write(block);
	setImmediate(pour, response);
}

describe("a server", () => {
	test("that gives ranges is asked for one block after another, on one connection", async (t) => {
		const world = await told(t);
		await until(world, confirmed);
		assert.equal(owner.bytes, good.length);
		assert.equal(owner.given, Math.ceil(good.length / 2048));
		assert.equal(owner.connections, 1);
		assert.equal(owner.open.size, 0, "it is closed");
	});

	test("that knows no ranges gives it in one piece, which flash takes in its own time", async (t) => {
		const world = await told(t, whole);
		await until(world, confirmed);
		assert.equal(owner.given, 1);
		assert.equal(owner.bytes, good.length);
	});

	test("that ends the connection after each answer is connected to again, at once", async (t) => {
		const world = await told(t, (request, response) => {
			response.setHeader("connection", "close");
			images(request, response);
		});
		await until(world, confirmed, 300);
		assert.equal(owner.connections, Math.ceil(good.length / 2048));
	});

	test("that is busy, silent, or breaks off in the middle is tried again, and said so", async (t) => {
		let count = 0;
		const world = await told(t, (request, response) => {
			count++;
			if (count === 3) response.writeHead(503).end();
			else if (count === 30) response.writeHead(429, { "content-length": 0 }).end();
			else if (count === 50) request.socket.destroy();
			else if (count !== 70) images(request, response);
		});
		await until(world, confirmed);
		const messages = new Set(statesOf(world).map(({ message }) => message ?? ""));
		for (const about of [/: HTTP 503$/, /: HTTP 429$/, /: nothing came for 30 s$/])
			assert.ok(
				[...messages].some((message) => about.test(message)),
				`${[...messages].join("\n")}`,
			);
		assert.equal(statesOf(world).filter(({ result }) => result === "refused").length, 0);
	});

	test("that cannot be reached, a name that is none, and Wi-Fi that goes are waited for", async (t) => {
		const world = await VirtualSimulation.start(t, owner.options);
		await world.run(20);
		world.order(`${BASE}/update/available`, owner.announcement(owner.sign(good)));
		const trouble = await until(world, ({ message }) => /images\.simulated/.test(message ?? ""));
		assert.equal(trouble.phase, "downloading");
		assert.match(trouble.message, /no such name/);
		const told = statesOf(world).length;
		await world.run(120);
		assert.equal(statesOf(world).length, told, "said once");
		owner.serve(world);
		owner.delay = 200;
		await until(world, ({ update_percentage }) => Number(update_percentage) > 30);
		world.node.wifi.down();
		await world.run(100);
		world.node.wifi.restore();
		await until(world, confirmed);
		assert.ok(owner.bytes < good.length + 20_480, `${owner.bytes} bytes`);
	});

	test("that breaks HTTP, without end, costs the node a wait and no memory", async (t) => {
		const breaches: [string, RegExp][] = [
			["HTTP/1.1 200 OK\r\nX: ", /headers without end/],
			["HTTP/1.1 206 x\r\nETag: ", /a line of more than 4096 bytes/],
			["SSH-2.0-", /does not speak HTTP/],
			["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", /size of a chunk/],
		];
		let count = 0;
		const world = await told(t, (request, response) => {
			const [beginning] = breaches[count++] ?? [];
			if (beginning === undefined) images(request, response);
			else {
				request.socket.write(beginning);
				pour(request.socket);
			}
		});
		await until(world, confirmed);
		const messages = statesOf(world).map(({ message }) => message ?? "");
		for (const [, about] of breaches)
			assert.ok(
				messages.some((message) => about.test(message)),
				`${about}`,
			);
	});

	test("that drips is left to its deadline, block by block; telemetry goes on", async (t) => {
		const sent = new Set<ServerResponse>();
		const world = await told(t, (_request, response) => {
			sent.add(response);
			response.writeHead(206, { "content-length": 2048, "content-range": `bytes 0-2047/${good.length}` });
			response.write("x");
		});
		for (let round = 0; round < 60; round++) {
			for (const response of sent) if (!response.destroyed) response.write("x");
			await world.run(10);
		}
		const state = statesOf(world).at(-1);
		assert.equal(state.phase, "downloading");
		assert.match(state.message, /nothing came for 30 s/);
		assert.ok(sent.size > 5 && sent.size < 20, `${sent.size} requests`);
		assert.ok(world.output.sent(`${BASE}/telemetry`).length >= 60);
	});
});

describe("refused, with the reason:", () => {
	const answer =
		(status: number, headers: Record<string, string | number>, body: string | Buffer = ""): RequestListener =>
		(_request, response) =>
			response.writeHead(status, headers).end(body);
	const range = (text: string, headers = {}) => answer(206, { "content-range": text, ...headers }, block);
	const refusals: [string, RequestListener, RegExp][] = [
		["a file that is not there", answer(404, {}), /HTTP 404$/],
		[
			"a redirection, wherever to",
			answer(302, { location: "https://elsewhere.example/a" }),
			/HTTP 302, a redirection to https:\/\/elsewhere\.example\/a: not followed/,
		],
		[
			"a redirection with a secret, which stays one",
			answer(307, { location: `https://other.example/${"b".repeat(90)}?key=secret` }),
			/HTTP 307, a redirection to https:\/\/other\.example\/b{58}: not followed$/,
		],
		["a range that is not there", answer(416, {}), /HTTP 416$/],
		["another file, by its length", answer(200, { "content-length": 7 }, "nothing"), /it has 7 bytes, signed were \d+/],
		["another file, by the length in its range", range("bytes 0-2047/5000"), /it has 5000 bytes, signed were/],
		["another range", range(`bytes 2048-4095/${good.length}`), /asked for bytes 0-2047, got "bytes 2048-4095/],
		["a range that is none", range("hello"), /got "hello"/],
		[
			"more than was asked for",
			range(`bytes 0-2047/${good.length}`, { "content-length": 4096 }),
			/asked for 2048 bytes, got 4096/,
		],
		[
			"a block without end",
			(_request, response) => {
				response.writeHead(206, { "content-range": `bytes 0-2047/${good.length}` });
				pour(response);
			},
			/more came than was asked for/,
		],
		["what is compressed", answer(200, { "content-encoding": "gzip" }, block), /it is compressed/],
	];
	for (const [what, web, about] of refusals)
		test(what, async (t) => {
			const world = await told(t, web);
			const state = await until(world, ({ result }) => result === "refused", 60);
			assert.equal(state.reason, "download", state.message);
			assert.match(state.message, about);
			assert.match(state.message, /^http:\/\/images\.simulated\//);
			assert.equal(state.installed_version, "0.1.0");
			await world.run(1);
			assert.equal(owner.open.size, 0, "the connection is closed");
		});

	test("an image without end, from a server without ranges: no byte more than was signed is written", async (t) => {
		const world = await told(t, (_request, response) => {
			response.writeHead(200);
			pour(response);
		});
		const state = await until(world, ({ result }) => result === "refused", 120);
		assert.equal(state.reason, "hash", state.message);
	});

	test("a file that is changed while it is fetched", async (t) => {
		let count = 0;
		const world = await told(t, (request, response) => {
			if (++count > 20) response.setHeader("etag", '"another"');
			const { writeHead } = response;
			response.writeHead = ((status: number, headers: object) =>
				writeHead.call(response, status, count > 20 ? { ...headers, etag: '"another"' } : (headers as never))) as never;
			images(request, response);
		});
		const state = await until(world, ({ result }) => result === "refused");
		assert.match(state.message, /the file was changed while it was fetched/);
	});

	test("http:// unless the node allows it, and what is no URL", async (t) => {
		const world = await told(t, undefined, ["--release-key", owner.keyFile]);
		const state = await until(world, ({ result }) => result === "refused", 60);
		assert.deepEqual([state.reason, state.phase], ["url", "idle"]);
		assert.match(state.message, /url is http:\/\/, expected https:\/\/ \(settings.updateOverHTTP allows it\)/);
		assert.equal(owner.connections, 0);
		const release = owner.sign(good);
		const wrong: [unknown, RegExp][] = [
			["ftp://x/y", /is no https:\/\/host\/path/],
			["https://user@host/", /is no https/],
			["https://host/a b", /is no https/],
			["https://host/#a", /is no https/],
			[`https://host/${"a".repeat(500)}`, /at most 512 characters/],
			["https://host:70000/", /port 70000, expected 1\.\.65535/],
			[5, /is no https/],
		];
		for (const [url, about] of wrong) {
			const said = statesOf(world).length;
			world.order(`${BASE}/update/available`, JSON.stringify({ release, url }));
			const state = await until(world, () => statesOf(world).length > said, 60);
			assert.equal(state.reason, "url", JSON.stringify(url));
			assert.match(state.message, about);
		}
		for (const text of ['{"url":"https://x/"}', "{", '{"release":5}']) {
			world.order(`${BASE}/update/available`, text);
			await world.run(2);
			assert.equal(statesOf(world).at(-1).reason, "malformed", text);
		}
	});
});

test("a secret in the query of a URL is asked with, and not repeated to anybody", async (t) => {
	let asked = "";
	const world = await VirtualSimulation.start(t, owner.options);
	owner.serve(world);
	owner.web = (request, response) => {
		asked = request.url!;
		response.writeHead(403).end();
	};
	await world.run(20);
	const release = owner.sign(good);
	const url = "http://images.simulated/app.bin?sig=secret";
	world.order(`${BASE}/update/available`, JSON.stringify({ release, url }));
	const { message } = await until(world, ({ result }) => result === "refused", 60);
	assert.equal(asked, "/app.bin?sig=secret");
	assert.equal(message, "http://images.simulated/app.bin: HTTP 403");
	assert.ok(!world.output.lines.some((line) => line.includes("secret")));
});

test("a slow server without ranges may take its time with what is passed over, too", async (t) => {
	const folder = new MemoryFolder();
	const flash = { path: "", folder, notice: undefined, close: () => {} };
	const world = await VirtualSimulation.start(t, owner.options, undefined, { flashOf: () => flash });
	owner.serve(world);
	let requests = 0;
	let at = 0;
	let write = (_bytes: Uint8Array) => {};
	owner.web = (_request, response) => {
		requests++;
		at = 0;
		response.writeHead(200, { "content-length": good.length });
		write = (bytes) => void response.write(bytes);
	};
	/** Four kilobytes every two seconds, up to a part of the image. */
	const send = async (part: number) => {
		for (; at < part * good.length; at += 4096) {
			write(good.subarray(at, at + 4096));
			await world.run(2);
		}
	};
	await world.run(20);
	world.order(`${BASE}/update/available`, owner.announcement(owner.sign(good)), true);
	await world.run(5);
	await send(0.5);
	assert.ok(Number(statesOf(world).at(-1)?.update_percentage) >= 40);
	world.node.powerCut();
	world.node.powerOn();
	await world.run(20);
	requests = 1;
	await send(1);
	assert.equal(requests, 1, "one answer was enough");
	await until(world, confirmed);
	await world.end();
});

test("after a loss of power only what is not in flash for certain is fetched again, whatever the server knows", async (t) => {
	for (const ranges of [true, false]) {
		const folder = new MemoryFolder();
		const flash = { path: "", folder, notice: undefined, close: () => {} };
		const world = await VirtualSimulation.start(t, owner.options, undefined, { flashOf: () => flash });
		owner.serve(world);
		// Without ranges it all comes at once: the second half waits for the power to go.
		let rest = () => {};
		if (!ranges)
			owner.web = (_request, response) => {
				const half = good.length >> 1;
				owner.bytes += half;
				response.writeHead(200, { "content-length": good.length }).write(good.subarray(0, half));
				rest = () => void response.end(good.subarray(half));
			};
		await world.run(20);
		world.order(`${BASE}/update/available`, owner.announcement(owner.sign(good)), true);
		const percent = () => Number(statesOf(world).at(-1)?.update_percentage);
		for (let slice = 0; slice < 2000 && !(percent() >= 45); slice++) await world.run(0.005);
		assert.ok(percent() >= 45 && percent() < 90, `${percent()} %`);
		const { stack, stackPeak, heap, reserved } = world.node.statistics()!;
		assert.ok(stackPeak <= (0.85 * stack) / 16, `${stackPeak} of ${stack / 16} slots of stack`);
		assert.ok(reserved <= 0.97 * heap, `${reserved} of ${heap} bytes`);
		world.node.powerCut();
		const before = owner.bytes;
		world.node.powerOn();
		if (!ranges) {
			await world.run(10);
			rest();
		}
		await until(world, confirmed);
		const again = owner.bytes - before;
		t.diagnostic(
			`${ranges ? "ranges" : "no ranges"}: ${before} bytes before the cut, ${again} after it, of ${good.length}`,
		);
		if (ranges) assert.ok(before + again - good.length <= 16_384 + 2048, `${again} bytes after the cut`);
		else assert.equal(again, good.length);
		// What is in flash was written once, but for the last 16 KB.
		const from = world.output.lines
			.filter((line) => / bytes, from byte /.test(line))
			.map((line) => Number(/byte (\d+) on/.exec(line)![1]));
		assert.equal(from.length, 2);
		assert.ok(from[1]! >= 0.4 * good.length, `${from}`);
		await world.end();
	}
});
