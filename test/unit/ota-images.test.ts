/** The server of images: `ota push --serve`. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ImageServer } from "../../tools/ota/image-server";
import { parseOtaOptions } from "../../tools/ota/options";

const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index % 251);
let server: ImageServer;
before(async () => {
	const where = { address: "127.0.0.1", port: 0, certificate: undefined, key: undefined };
	server = await ImageServer.start(new Map([["simulator.bin", bytes]]), where);
});
after(() => server.close());

async function get(path: string, headers: Record<string, string> = {}, method = "GET") {
	const response = await fetch(new URL(path, server.url), { method, headers });
	return { status: response.status, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) };
}

test("RFC 9110 §14: a single range, from, to, and of the end; what is not there is 416", async () => {
	for (const [range, status, from, to] of [
		["bytes=0-2047", 206, 0, 2048],
		["bytes=4096-", 206, 4096, 5000],
		["bytes=4990-9999", 206, 4990, 5000],
		["bytes=-10", 206, 4990, 5000],
		["bytes=-9999", 206, 0, 5000],
		["bytes=0-1,4-5", 200, 0, 5000],
		["lines=1-2", 200, 0, 5000],
		["bytes=5000-", 416, 0, 0],
		["bytes=9-3", 416, 0, 0],
		["bytes=-0", 416, 0, 0],
	] as const) {
		const { status: got, headers, body } = await get("simulator.bin", { range });
		assert.equal(got, status, range);
		assert.deepEqual(body, bytes.subarray(from, to), range);
		const expected = { 206: `bytes ${from}-${to - 1}/5000`, 416: "bytes */5000", 200: null }[status];
		assert.equal(headers.get("content-range"), expected, range);
	}
});

test("all of it, its head, and what there is not", async () => {
	const all = await get("simulator.bin?x=y");
	assert.deepEqual([all.status, all.body.length], [200, 5000]);
	assert.match(all.headers.get("etag")!, /^"[\w-]{43}"$/);
	const head = await get("simulator.bin", {}, "HEAD");
	assert.deepEqual([head.status, head.headers.get("content-length"), head.body.length], [200, "5000", 0]);
	assert.equal((await get("../../package.json")).status, 404);
	assert.equal((await get("simulator.bin", {}, "POST")).status, 405);
});

test("--serve stands alone, or with an address; --url is a URL; what is wrong is said", () => {
	const parse = (...more: string[]) => parseOtaOptions(["push", "DIR", "--node", "a", "--broker", "mqtt://x", ...more]);
	const where = (...more: string[]) => {
		const { address, port } = parse(...more).serve!;
		return [address, port];
	};
	assert.deepEqual(where("--serve"), ["127.0.0.1", 0]);
	assert.deepEqual(where("--serve", "--stages", "1"), ["127.0.0.1", 0]);
	assert.deepEqual(where("--serve", "192.168.1.10:8443"), ["192.168.1.10", 8443]);
	assert.deepEqual(where("--serve=[::1]:80"), ["::1", 80]);
	assert.deepEqual(where("--serve", "files.local:80"), ["files.local", 80]);
	assert.equal(parse("--url", "https://h/p/").url, "https://h/p/");
	for (const [args, about] of [
		[["--serve=nowhere"], /--serve nowhere: expected ADDRESS:PORT/],
		[["--serve", "1.2.3.4:70000"], /expected ADDRESS:PORT/],
		[["--serve", "0.0.0.0:80"], /give the one by which they reach this computer/],
		[["--url", "ftp://x/"], /--url ftp:\/\/x\/: expected https:\/\/host\/path/],
		[["--url", `https://x/${"y".repeat(510)}`], /at most 512 characters/],
		[["--url", "https://x/", "--serve"], /either --url or --serve/],
		[["--serve", "--serve-cert", "x"], /one needs the other/],
		[["--serve-cert", "x", "--serve-key", "y"], /--serve-cert needs --serve/],
	] as const)
		assert.throws(() => parse(...args), about, args.join(" "));
});
