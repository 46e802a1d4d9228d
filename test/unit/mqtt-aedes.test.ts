import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { Aedes } from "aedes";
import MQTTClient from "../../modules/mqtt/client";
import type { MQTTClientOptions } from "../../modules/mqtt/options";
import { Session, type SessionOptions } from "../../modules/mqtt/session";
import { clock } from "../support/clock";
import { NodeResolver, NodeTCP, realTime } from "../support/node-tcp";
import { until as within } from "../support/until";

const until = (condition: () => boolean, what = "the expected") => within(condition, 5000, what);

/** Client and session over real sockets, against the broker that the simulator embeds. */
describe("MQTT against aedes, over real sockets", () => {
	let broker: Aedes;
	let server: Server;
	let port = 0;
	let sockets: Socket[] = [];
	let made: { close(): void }[] = [];
	let endTime: () => void;
	let nextId = 0;

	before(async () => {
		broker = await Aedes.createBroker();
		server = createServer((socket) => {
			sockets.push(socket);
			broker.handle(socket);
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		port = (server.address() as AddressInfo).port;
	});
	after(() => {
		broker.close();
		server.close();
	});
	beforeEach(() => {
		clock.reset();
		endTime = realTime();
	});
	afterEach(() => {
		for (const one of made) one.close();
		for (const socket of sockets) socket.destroy();
		made = [];
		sockets = [];
		endTime();
	});

	const options = () => ({ socket: { io: NodeTCP as never }, dns: { io: NodeResolver as never } });

	function session(extra: Partial<SessionOptions> = {}): Session {
		const one = new Session({
			client: options(),
			host: "localhost",
			port,
			id: `session-${nextId++}`,
			random: () => 0,
			queue: { bytes: 300_000 },
			maximumPayload: 200_000,
			...extra,
		});
		made.push({ close: () => one.stop() });
		return one;
	}

	function client(extra: Partial<MQTTClientOptions>): Promise<MQTTClient> {
		return new Promise((resolve, reject) => {
			const one = new MQTTClient({
				...options(),
				host: "127.0.0.1",
				port,
				id: `client-${nextId++}`,
				onError: reject,
				...extra,
				onControl(message) {
					if (message.operation === MQTTClient.CONNACK) resolve(this);
					extra.onControl?.call(this, message);
				},
			});
			made.push(one);
		});
	}

	it("publishes and receives at QoS 0 and 1, in order", async () => {
		const seen: string[] = [];
		const one = session();
		let ready = false;
		one.on("casa/+/out", 1, ({ topic, payload, QoS }) => seen.push(`${topic} ${Buffer.from(payload)} ${QoS}`));
		one.on("ready", 0, () => {
			ready = true;
		});
		one.start();
		await until(() => one.connected);
		while (!ready) {
			one.publish("ready", "");
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
		const fates: string[] = [];
		for (let count = 0; count < 50; count++)
			one.publish("casa/é/out", `${count}`, { QoS: (count % 2) as 0 | 1, onFate: (fate) => fates.push(fate) });
		await until(() => seen.length === 50 && fates.length === 50);
		for (const QoS of [0, 1]) {
			const ours = seen.filter((line) => line.endsWith(` ${QoS}`));
			assert.deepEqual(
				ours,
				Array.from({ length: 25 }, (_, count) => `casa/é/out ${2 * count + QoS} ${QoS}`),
			);
		}
		assert.ok(fates.every((fate) => fate === "delivered"));
	});

	it("carries 100 KB both ways", async () => {
		const payload = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index * 7));
		const one = session();
		let arrived: Uint8Array | undefined;
		one.on("big", 1, (message) => {
			arrived = message.payload;
		});
		one.start();
		await until(() => one.connected);
		one.publish("big", payload, { QoS: 1, retain: true });
		await until(() => arrived !== undefined && one.queued.messages === 0);
		assert.ok(Buffer.from(arrived!).equals(payload));
		one.publish("big", "", { QoS: 1, retain: true });
		await until(() => one.queued.messages === 0);
	});

	it("the client alone carries 100 KB in fragments, both ways", async () => {
		const total = 100_000;
		let left = 0;
		const parts: Buffer[] = [];
		let done = false;
		const one = await client({
			onWritable(count) {
				if (left === 0) return;
				const size = Math.min(count, left);
				this.write(new Uint8Array(size).map((_, index) => total - left + index));
				left -= size;
			},
			onReadable(count, { more }) {
				if (count > 0) parts.push(Buffer.from(this.read(count)!));
				done = !more;
			},
			onControl(message) {
				if (message.operation !== MQTTClient.SUBACK) return;
				left = total;
				this.write(null, { topic: "stream", byteLength: total, QoS: 1 });
			},
		});
		one.write(null, { operation: MQTTClient.SUBSCRIBE, items: [{ topic: "stream", QoS: 1 }] });
		await until(() => done);
		assert.ok(Buffer.concat(parts).equals(Buffer.from(Array.from({ length: total }, (_, index) => index))));
	});

	it("the broker publishes the will when the power is cut, not after stop", async () => {
		const seen: string[] = [];
		const watcher = session();
		watcher.on("wills/#", 1, ({ topic, payload }) => seen.push(`${topic}=${Buffer.from(payload)}`));
		watcher.start();
		await until(() => watcher.connected);
		const cut: NodeTCP[] = [];
		class Cuttable extends NodeTCP {
			constructor(socketOptions: never) {
				super(socketOptions);
				cut.push(this);
			}
		}
		const make = (topic: string) =>
			session({
				client: { ...options(), socket: { io: Cuttable as never } },
				will: { topic, message: "offline", QoS: 1 },
			});
		const stopped = make("wills/stopped");
		stopped.start();
		await until(() => stopped.connected);
		await new Promise<void>((resolve) => stopped.stop(resolve));
		const killed = make("wills/killed");
		killed.start();
		await until(() => killed.connected);
		cut[1]!.cut();
		await until(() => seen.length > 0);
		assert.deepEqual(seen, ["wills/killed=offline"]);
	});

	it("keeps its session over a broken connection: nothing is lost, nothing subscribed again", async () => {
		const seen: string[] = [];
		const connects: boolean[] = [];
		const one = session({ onConnect: ({ sessionPresent }) => connects.push(sessionPresent) });
		one.on("kept", 1, ({ payload }) => seen.push(`${Buffer.from(payload)}`));
		one.start();
		await until(() => one.connected);
		one.publish("kept", "before", { QoS: 1 });
		await until(() => seen.length === 1 && one.queued.messages === 0);
		for (const socket of sockets) socket.destroy();
		await until(() => !one.connected);
		const other = session();
		other.start();
		other.publish("kept", "meanwhile", { QoS: 1 });
		await until(() => other.queued.messages === 0);
		one.publish("kept", "after", { QoS: 1 });
		// QoS 1: the broker may send "before" again, when our acknowledgement was still on its way.
		await until(() => new Set(seen).size === 3, "three messages");
		assert.deepEqual([...new Set(seen)], ["before", "meanwhile", "after"]);
		assert.deepEqual(connects, [false, true]);
	});

	it("user and password reach the broker, and a refusal is told", async () => {
		broker.authenticate = (_client, user, password, done) =>
			user === "maria" && `${password}` === "segredo"
				? done(null, true)
				: done(Object.assign(new Error("no"), { returnCode: 4 }) as never, false);
		try {
			await client({ user: "maria", password: "segredo" });
			await assert.rejects(client({ user: "maria", password: "wrong" }), /bad user name or password/);
		} finally {
			broker.authenticate = (_client, _user, _password, done) => done(null, true);
		}
	});

	it("a name that does not exist is told", async () => {
		await assert.rejects(client({ host: "no-such-host.invalid" }), /no-such-host\.invalid: name not found/);
	});

	it("a port that nobody listens on is told", async () => {
		await assert.rejects(client({ port: 1 }), /ECONNREFUSED/);
	});
});
