/** One reading, sent to a server by MQTT and by HTTP: the bytes that TCP carries, and how long it takes on loopback. */
import { createServer as createHttp, Agent as HttpAgent, request as httpRequest } from "node:http";
import { createServer as createHttps, Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { createServer as createTls } from "node:tls";
import mqtt, { type MqttClient } from "mqtt";
import { EmbeddedBroker } from "../../sim/broker";
import { newAuthority, newServer } from "../../tools/broker/authority";
import { freePort } from "./free-port";

export const READING = { topic: "vagalume/sala/telemetry/temperature", payload: "23.9" } as const;

/** What one reading costs. Bytes are those that TCP carries: its own headers (40 a packet) are not in them. */
export interface WayCost {
	readonly way: string;
	/** From the node. */
	readonly sent: number;
	/** To the node. */
	readonly received: number;
	/** ms until the sender knows that it has arrived; with QoS 0, until it has arrived. Median, on loopback. */
	readonly latency: number;
}

/** Passes on what it gets, and counts it. */
class CountingProxy {
	sent = 0;
	received = 0;
	readonly #server: Server;

	private constructor(target: number) {
		this.#server = createServer((client) => {
			const server = connect(target, "127.0.0.1");
			client.on("data", (chunk) => {
				this.sent += chunk.length;
				server.write(chunk);
			});
			server.on("data", (chunk) => {
				this.received += chunk.length;
				client.write(chunk);
			});
			for (const [one, other] of [
				[client, server],
				[server, client],
			] as const) {
				one.setNoDelay(true);
				one.on("end", () => other.end());
				one.on("error", () => other.destroy());
			}
		});
	}
	static async before(target: number): Promise<CountingProxy> {
		const proxy = new CountingProxy(target);
		await listen(proxy.#server);
		return proxy;
	}
	get port(): number {
		return portOf(this.#server);
	}
	close(): void {
		this.#server.close();
	}
}

/** Sends one reading; resolves when it has arrived. */
type Send = () => Promise<void>;
interface Way {
	readonly way: string;
	/** A sender that goes to this port; `end` closes what it holds open. */
	open(port: number): Promise<{ send: Send; end(): Promise<void> | void }>;
	readonly server: number;
	/** Whether the first reading, which connects, is counted with the others. */
	readonly connects: boolean;
}

const READINGS = 10;

async function measure({ way, open, server, connects }: Way, repetitions: number): Promise<WayCost> {
	const proxy = await CountingProxy.before(server);
	const counted = await open(proxy.port);
	if (!connects) await counted.send();
	await settled(proxy);
	const [sent, received] = [proxy.sent, proxy.received];
	for (let i = 0; i < READINGS; i++) await counted.send();
	await settled(proxy);
	const cost = { sent: (proxy.sent - sent) / READINGS, received: (proxy.received - received) / READINGS };
	await counted.end();
	proxy.close();

	const timed = await open(server);
	const times: number[] = [];
	for (let i = 0; i < repetitions + 10; i++) {
		const start = performance.now();
		await timed.send();
		times.push(performance.now() - start);
	}
	await timed.end();
	// The first ones are those of a program that has not warmed up.
	const latency = times.slice(10).sort((a, b) => a - b)[repetitions >> 1]!;
	return { way, ...cost, latency };
}

/** Waits until no more bytes come: a closing connection still says so in TLS. */
async function settled(proxy: CountingProxy): Promise<void> {
	for (let before = -1; before !== proxy.sent + proxy.received; ) {
		before = proxy.sent + proxy.received;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

/** Measures all ways, with servers of its own on loopback. */
export async function compareMqttHttp(repetitions = 200): Promise<WayCost[]> {
	const broker = await EmbeddedBroker.start();
	await broker.listen(await freePort());
	const brokerPort = Number(new URL(broker.url!).port);
	let arrived = () => {};
	broker.subscribe(READING.topic, () => arrived());

	const authority = await newAuthority("tutorial 1");
	const { certificate, key } = await newServer(authority, ["broker.example"], 10);
	const plain = createHttp((request, response) => void request.resume().on("end", () => response.writeHead(204).end()));
	const secure = createHttps({ cert: certificate, key }, (request, response) => {
		request.resume().on("end", () => response.writeHead(204).end());
	});
	const mqtts = createTls({ cert: certificate, key }, (socket) => broker.handle(socket.setNoDelay(true)));
	await Promise.all([listen(plain), listen(secure), listen(mqtts)]);

	const mqttWay = (way: string, qos: 0 | 1, tls = false): Way => ({
		way,
		server: tls ? portOf(mqtts) : brokerPort,
		connects: false,
		open: async (port) => {
			const trust = tls ? { ca: authority.certificate, servername: "broker.example" } : {};
			const client: MqttClient = await mqtt.connectAsync(`${tls ? "mqtts" : "mqtt"}://127.0.0.1:${port}`, {
				clientId: "sala",
				keepalive: 0,
				...trust,
			});
			const send = async () => {
				const arrival = new Promise<void>((resolve) => {
					arrived = resolve;
				});
				await client.publishAsync(READING.topic, READING.payload, { qos });
				await arrival;
			};
			return { send, end: () => client.endAsync() };
		},
	});
	const httpWay = (way: string, keepAlive: boolean, tls: boolean): Way => ({
		way,
		server: portOf(tls ? secure : plain),
		connects: !keepAlive,
		open: async (port) => {
			const agent = tls
				? new HttpsAgent({ keepAlive, ca: authority.certificate, servername: "broker.example", maxCachedSessions: 0 })
				: new HttpAgent({ keepAlive });
			return { send: () => post(port, agent, tls), end: () => agent.destroy() };
		},
	});
	try {
		const costs: WayCost[] = [];
		for (const way of [
			mqttWay("MQTT, QoS 0, connection open", 0),
			mqttWay("MQTT, QoS 1, connection open", 1),
			mqttWay("MQTT, QoS 1, over TLS, open", 1, true),
			httpWay("HTTP, connection open", true, false),
			httpWay("HTTP, new connection", false, false),
			httpWay("HTTPS, new connection", false, true),
		])
			costs.push(await measure(way, repetitions));
		return costs;
	} finally {
		plain.close();
		secure.close();
		mqtts.close();
		await broker.close();
	}
}

/** The leanest request that still says what it carries: no cookie, token or user agent, which most have. */
function post(port: number, agent: HttpAgent, tls: boolean): Promise<void> {
	return new Promise((resolve, reject) => {
		const headers = {
			Host: "broker.example",
			"Content-Type": "text/plain",
			"Content-Length": READING.payload.length,
		};
		const options = { host: "127.0.0.1", port, path: `/${READING.topic}`, method: "POST", headers, agent };
		const request = (tls ? httpsRequest : httpRequest)(options, (response) => {
			response.resume().on("end", () => (response.statusCode === 204 ? resolve() : reject(response.statusCode)));
		});
		request.on("error", reject).end(READING.payload);
	});
}

const listen = (server: Server) => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const portOf = (server: Server) => (server.address() as AddressInfo).port;
