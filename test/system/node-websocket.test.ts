import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { certificateFile, withoutOpenssl } from "../support/certificates";
import { freePort } from "../support/free-port";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";
import { Observer } from "../support/observer";
import { Simulator } from "../support/simulator";
import { until } from "../support/until";

const base = "vagalume/sala";
const logged = (node: Simulator, pattern: RegExp) => node.lines.filter(({ message }) => pattern.test(message ?? ""));

describe("a mosquitto that listens for WebSocket", { skip: withoutMosquitto || withoutOpenssl }, () => {
	let websocket: number;
	let secure: number;
	let broker: Mosquitto;
	let observer: Observer;

	before(async () => {
		const tcp = await freePort();
		[websocket, secure] = [await freePort(), await freePort()];
		const lines = [
			`listener ${tcp} 127.0.0.1`,
			`listener ${websocket} 127.0.0.1`,
			"protocol websockets",
			`listener ${secure} 127.0.0.1`,
			"protocol websockets",
			`cafile ${certificateFile("authority.pem")}`,
			`certfile ${certificateFile("server.pem")}`,
			`keyfile ${certificateFile("server.key")}`,
		];
		broker = await Mosquitto.start(lines, tcp);
		observer = await Observer.connect(broker.url, "#", { reconnectPeriod: 100 });
	});
	after(async () => {
		await observer.end();
		await broker.remove();
	});

	async function obeys(node: Simulator): Promise<void> {
		await observer.sees(`${base}/status`, "online", 10_000);
		await observer.publish(`${base}/relay/fan/set`, "ON");
		await observer.sees(`${base}/relay/fan`, "ON");
		await observer.publish(`${base}/relay/fan/set`, "OFF");
		await observer.sees(`${base}/relay/fan`, "OFF");
		const seen = (direction: "in" | "out", topic: string) => node.messages(`${base}/${topic}`, direction).length > 1;
		const both = () => seen("out", "relay/fan") && seen("in", "relay/fan/set");
		await until(both, 5_000, "what crossed the wire, in both directions, in the log");
		const offline = observer.next(`${base}/status`, 5_000, (payload) => payload === "offline");
		assert.equal(await node.stop("SIGINT"), 0);
		await offline;
	}

	test("is reached by ws://, and the node obeys", async (t) => {
		const node = new Simulator(["--broker", `ws://127.0.0.1:${websocket}/mqtt`, "--id", "sala"]);
		t.after(() => node.stop("SIGKILL"));
		assert.match(await node.ready(), /ws:\/\/127/);
		await obeys(node);
	});

	test("is reached by wss:// and --ca, and the node obeys", async (t) => {
		const args = [
			"--broker",
			`wss://localhost:${secure}/mqtt`,
			"--ca",
			certificateFile("authority.pem"),
			"--id",
			"sala",
		];
		const node = new Simulator(args);
		t.after(() => node.stop("SIGKILL"));
		assert.match(await node.ready(), /wss:\/\/localhost/);
		await obeys(node);
	});

	test("with a certificate of another authority is refused with its reason, and tried again", async (t) => {
		const args = [
			"--broker",
			`wss://localhost:${secure}/mqtt`,
			"--ca",
			certificateFile("stranger.pem"),
			"--id",
			"sala",
		];
		const node = new Simulator(args);
		t.after(() => node.stop("SIGKILL"));
		await node.ready();
		await until(() => logged(node, /unknown authority.*next attempt/).length >= 2, 15_000, "two refusals");
		assert.equal(node.messages(`${base}/status`).length, 0);
		assert.equal(await node.stop("SIGINT"), 0);
	});

	test("that is killed and comes back is found again", async (t) => {
		const node = new Simulator(["--broker", `ws://127.0.0.1:${websocket}`, "--id", "sala"]);
		t.after(() => node.stop("SIGKILL"));
		await node.ready();
		await until(() => logged(node, /connected, /).length > 0, 10_000, "a connection");
		await broker.stop("SIGKILL");
		await until(() => logged(node, /next attempt/).length > 0, 10_000, "the loss is noticed");
		await broker.start();
		await until(() => logged(node, /connected, /).length > 1, 15_000, "a second connection");
		await obeys(node);
	});
});

test("a WebSocket broker that is away is said to be away, and tried again", async (t) => {
	const node = new Simulator(["--broker", `ws://127.0.0.1:${await freePort()}`, "--id", "sala"]);
	t.after(() => node.stop("SIGKILL"));
	await node.ready();
	await until(() => logged(node, /connection refused.*next attempt/).length >= 2, 15_000, "two attempts, with reason");
	assert.equal(await node.stop("SIGINT"), 0);
});

test("a web server that is no broker is said to be none, with its answer", async (t) => {
	const server = createServer((socket) => {
		socket.on("error", () => {});
		socket.once("data", () => socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
	});
	await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
	t.after(() => server.close());
	const { port } = server.address() as { port: number };
	const node = new Simulator(["--broker", `ws://127.0.0.1:${port}/broker`, "--id", "sala"]);
	t.after(() => node.stop("SIGKILL"));
	await node.ready();
	const said = new RegExp(`127.0.0.1:${port}/broker: the server answers HTTP 404 Not Found.*next attempt`);
	await until(() => logged(node, said).length > 0, 10_000, "the reason");
	assert.equal(await node.stop("SIGINT"), 0);
});
