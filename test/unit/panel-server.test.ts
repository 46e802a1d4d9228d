import assert from "node:assert/strict";
import { createServer } from "node:net";
import { PassThrough } from "node:stream";
import { after, before, test } from "node:test";
import { Panel } from "../../sim/panel/panel";
import type { NodeSummary } from "../../sim/panel/protocol";
import { FakePanelNode } from "../support/fake-panel-node";
import { act, ask, BoardPage, refusedSocket } from "../support/panel-client";
import { until } from "../support/until";

const nodes = [new FakePanelNode({ id: "lab-1" }), new FakePanelNode({ id: "lab-2" })];
let panel: Panel;
let host: string;

before(async () => {
	panel = await Panel.start({
		nodes,
		port: 0,
		brokerUrl: () => "mqtt://127.0.0.1:1883",
		broker: { open: () => new PassThrough(), explain: String },
	});
	host = panel.url.slice("http://".length);
});
after(async () => {
	await panel.close();
	for (const node of nodes) node.close();
});

const reset = { method: "POST", body: '{"type":"reset"}', headers: { "content-type": "application/json" } };
const foreign: [string, Record<string, string>, RegExp][] = [
	["a Host elsewhere (DNS rebinding)", { host: "evil.example" }, /Host "evil\.example" is refused/],
	["a Host that only begins like ours", { host: "127.0.0.1.evil.example" }, /Host/],
	["a page of another site", { origin: "https://evil.example" }, /Origin "https:\/\/evil\.example" is refused/],
	["a page of another port", { origin: "http://127.0.0.1:1" }, /Origin/],
	["a page without an origin", { origin: "null" }, /Origin "null"/],
	[
		"a script of another site that hides its origin",
		{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
		/another site/,
	],
];

for (const [what, headers, message] of foreign) {
	test(`${what} is refused, and the node is not touched`, async () => {
		for (const path of ["/nodes/lab-1/socket", "/mqtt"]) {
			const { status, body } = await refusedSocket(panel.url + path, headers);
			assert.equal(status, 403, path);
			assert.match(JSON.parse(body).error, message);
		}
		for (const path of ["/", "/nodes"]) {
			const { status, body } = await ask(panel.url + path, { headers });
			assert.equal(status, 403, path);
			assert.match(JSON.parse(body).error, message);
		}
		const options = { ...reset, headers: { ...reset.headers, ...headers } };
		assert.equal((await ask(`${panel.url}/nodes/lab-1/actions`, options)).status, 403);
		assert.deepEqual(nodes[0]!.done, []);
	});
}

test("the panel's own page, localhost, and a tunnel from another port are let in", async () => {
	const port = host.split(":")[1];
	for (const headers of [
		{ origin: panel.url },
		{ host: `localhost:${port}`, origin: `http://localhost:${port}` },
		{ host: "localhost:9000", origin: "http://localhost:9000", "sec-fetch-site": "same-origin" },
		{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
	] as Record<string, string>[])
		assert.equal((await ask(`${panel.url}/nodes`, { headers })).status, 200, JSON.stringify(headers));
});

test("every answer forbids storing, framing and foreign scripts, and allows no other origin", async () => {
	for (const path of ["/", "/firefly.svg", "/nodes", "/missing"]) {
		const { headers } = await ask(panel.url + path);
		assert.equal(headers["cache-control"], "no-store", path);
		assert.match(String(headers["content-security-policy"]), /default-src 'none'.*frame-ancestors 'none'/, path);
		assert.equal(headers["access-control-allow-origin"], undefined, path);
		assert.equal(headers["x-content-type-options"], "nosniff", path);
	}
});

test("the page and all that it loads is served", async () => {
	const seen = new Set<string>();
	const visit = async (path: string) => {
		if (seen.has(path)) return;
		seen.add(path);
		const { status, body, headers } = await ask(panel.url + path);
		assert.equal(status, 200, path);
		assert.ok(headers["content-type"], path);
		for (const [, next] of body.matchAll(/(?:href|src)="(\/[\w./-]+)"/g)) await visit(next!);
	};
	await visit("/");
	await visit("/nodes/lab-1");
	assert.ok(seen.has("/firefly.svg") && [".js", ".css"].every((kind) => [...seen].some((path) => path.endsWith(kind))));
});

test("nothing outside the page's folder is served", async () => {
	for (const path of ["/../panel.ts", "/..%2fpanel.ts", "/panel.ts", "//", "/main.tsx", "/nodes/lab-1/index.html"])
		assert.equal((await ask(panel.url + path)).status, 404, path);
});

test("several nodes are listed with their state", async () => {
	const list: NodeSummary[] = JSON.parse((await ask(`${panel.url}/nodes`)).body);
	assert.deepEqual(
		list.map(({ id, board, on, up, base }) => ({ id, board, on, up, base })),
		[
			{ id: "lab-1", board: "ESP32-DevKitC", on: true, up: true, base: "vagalume/lab-1" },
			{ id: "lab-2", board: "ESP32-DevKitC", on: true, up: true, base: "vagalume/lab-2" },
		],
	);
});

test("a node that does not exist is refused by name", async () => {
	const { status, error } = await act(panel.url, "lab-9", { type: "reset" });
	assert.equal(status, 404);
	assert.match(error, /node "lab-9" is unknown: there is lab-1, lab-2/);
});

test("a WebSocket elsewhere than a node's or the broker's is refused", async () => {
	for (const path of ["/", "/nodes", "/nodes/lab-9/socket", "/nodes/lab-1/actions", "/mqtt/more"])
		assert.equal((await refusedSocket(panel.url + path)).status, 404, path);
});

test("what a page asks over its WebSocket is done, or refused with its number and by name", async (t) => {
	const page = new BoardPage(panel.url, "lab-2");
	t.after(() => page.close());
	await until(() => page.state !== undefined, 2000, "the state");
	page.send(JSON.stringify({ id: 1, action: { type: "line", latency: 120 } }));
	page.send(JSON.stringify({ id: 2, action: { type: "line", loss: 80 } }));
	page.send('{"id":3');
	page.send(JSON.stringify({ action: { type: "reset" } }));
	const answers = () => page.news.filter(({ type }) => type === "done" || type === "refused");
	await until(() => answers().length === 4, 2000, "four answers");
	const [done, wrong, noJson, noId] = answers();
	assert.deepEqual(done, { type: "done", id: 1 });
	assert.deepEqual(wrong, { type: "refused", id: 2, error: "loss: 80 is outside 0..50 %" });
	assert.match((noJson as { error: string }).error, /^not JSON/);
	assert.match((noId as { error: string }).error, /id is missing/);
	assert.deepEqual([nodes[1]!.line.latency, nodes[1]!.line.loss], [120, 0]);
	assert.deepEqual(nodes[1]!.done, []);
});

test("other methods, types and bodies than the protocol's are refused", async () => {
	const url = `${panel.url}/nodes/lab-1/actions`;
	const json = { "content-type": "application/json" };
	const answers = [
		await ask(url),
		await ask(panel.url, { method: "POST" }),
		await ask(`${panel.url}/nodes`, { method: "POST" }),
		await ask(url, { method: "POST", body: '{"type":"reset"}', headers: { "content-type": "text/plain" } }),
		await ask(url, { method: "POST", body: '{"type":', headers: json }),
		await ask(url, { method: "POST", body: Buffer.from([0x22, 0xff, 0x22]).toString("latin1"), headers: json }),
		await ask(url, { method: "POST", body: JSON.stringify({ type: "x".repeat(20_000) }), headers: json }),
	];
	assert.deepEqual(
		answers.map(({ status }) => status),
		[405, 405, 405, 415, 400, 400, 413],
	);
	assert.match(answers[6]!.body, /at most 16384 bytes/);
	assert.deepEqual(nodes[0]!.done, []);
});

test("told to, it serves other computers, which call it by an address and never by a name", async (t) => {
	const options = {
		nodes: [],
		port: 0,
		brokerUrl: () => undefined,
		broker: { open: () => new PassThrough(), explain: String },
	};
	const open = await Panel.start({ ...options, host: "0.0.0.0" });
	t.after(() => open.close());
	const port = open.url.split(":").at(-1);
	const status = async (headers: Record<string, string>) => (await ask(`${open.url}/nodes`, { headers })).status;
	assert.equal(open.url, `http://127.0.0.1:${port}`);
	assert.equal(await status({ host: `192.0.2.7:${port}`, origin: `http://192.0.2.7:${port}` }), 200);
	assert.equal(await status({ host: `[2001:db8::7]:${port}` }), 200);
	for (const host of ["evil.example", "192.0.2.7.evil.example", "1.2.3.4@evil.example"])
		assert.equal(await status({ host }), 403);
	assert.equal(await status({ host: `192.0.2.7:${port}`, origin: "http://192.0.2.8" }), 403);
	await assert.rejects(
		Panel.start({ ...options, host: "192.0.2.7" }),
		/--panel-host 192\.0\.2\.7: this computer has no such address/,
	);
});

test("a port in use is passed over, and close gives the port back", async () => {
	const taken = createServer();
	const port = await new Promise<number>((resolve) => {
		taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { port: number }).port));
	});
	const other = await Panel.start({
		nodes: [],
		port,
		brokerUrl: () => undefined,
		broker: { open: () => new PassThrough(), explain: String },
	});
	assert.notEqual(other.url, `http://127.0.0.1:${port}`);
	const events = ask(`${other.url}/nodes`);
	await events;
	await other.close();
	await assert.rejects(ask(other.url), /ECONNREFUSED/);
	taken.close();
});
