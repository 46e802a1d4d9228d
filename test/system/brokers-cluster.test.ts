/** The same node and the same session, unchanged, on three RabbitMQ nodes, of which one is killed under load. */
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { type Broker, unlessInstalled } from "../support/brokers/broker";
import { withoutRabbitMQ } from "../support/brokers/rabbitmq";
import { RabbitMQCluster } from "../support/brokers/rabbitmq-cluster";
import { rabbitmq } from "../support/brokers/traits";
import { World } from "../support/brokers/world";
import { Simulator } from "../support/simulator";

/** Messages a second and how long it goes on before the node dies, and after. */
const EVERY = 20;
const BEFORE = 100;
const AFTER = 300;
/** What the load has at most to arrive, and the node to be back, in ms: quorum queues elect anew first. */
const PATIENCE = 45_000;

describe("a RabbitMQ cluster of three", { skip: unlessInstalled(withoutRabbitMQ) }, () => {
	let cluster: RabbitMQCluster;
	before(
		async () => {
			cluster = await RabbitMQCluster.start();
		},
		{ timeout: 120_000 },
	);
	after(() => cluster?.remove());
	const world = new World({
		version: 4,
		transport: "TCP",
		traits: rabbitmq,
		broker: () => cluster as unknown as Broker,
	});

	world.test(
		"a retained message is known to the node that it was sent to, and to no other",
		async () => {
			cluster.turnTo(0);
			const sender = world.session();
			await sender.start();
			sender.publish("kept", "yes", { QoS: 1, retain: true });
			await sender.idle();
			const knows: number[] = [];
			for (let turn = 0; turn < 3; turn++) {
				const reader = world.session();
				reader.on("kept");
				await reader.start();
				reader.publish("kept/end", "", { QoS: 1 });
				await reader.idle();
				knows.push(reader.texts.length);
			}
			// The reader that comes third is where the sender was.
			assert.deepEqual(knows, [0, 0, 1]);
		},
		60_000,
	);

	world.test(
		"one of them is killed under load: nothing at QoS 1 is lost, the node is back and reports on, the will of a killed node is",
		async () => {
			cluster.turnTo(0);
			const id = "sala";
			const base = `vagalume/${id}`;
			// In turn: the simulator is on the first node, and so is every third client.
			const simulator = new Simulator(["--broker", `mqtt://127.0.0.1:${cluster.port}`, "--id", id]);
			try {
				await simulator.ready();
				await world.until(() => simulator.messages(`${base}/telemetry`).length > 0, "the first record", 20_000);
				assert.deepEqual(cluster.load, [1, 0, 0]);
				const watcher = world.session();
				watcher.on(`${base}/#`);
				await watcher.start();
				const orders = world.session();
				await orders.start();
				// On the broker's node that is going to be killed: a sender, and a receiver with a session.
				const sender = world.session({ queue: { messages: 1_000, bytes: 200_000 } });
				await sender.start();
				for (let others = 0; others < 2; others++) await world.session().start();
				const receiver = world.session();
				receiver.on("load");
				await receiver.start();
				assert.deepEqual(cluster.load, [3, 2, 2]);
				orders.publish(`${base}/command/interval`, '{"seconds":1}');

				let sent = 0;
				const load = setInterval(() => sender.publish("load", `${sent++}`), EVERY);
				await world.until(() => sent >= BEFORE, "load", 20_000);
				await cluster.kill(0);
				const killedAt = performance.now();
				// While the node is away, an order waits for its session.
				for (const name of ["ON", "OFF", "ON"]) orders.publish(`${base}/led/onboard/set`, name);
				await world.until(() => sent >= BEFORE + AFTER, "load", 30_000);
				clearInterval(load);
				await sender.idle(PATIENCE);
				const arrived = () => new Set(receiver.texts);
				await world
					.until(() => arrived().size === sent, "all of the load", PATIENCE)
					.catch((error: Error) => {
						throw new Error(`${error.message}: ${arrived().size} of ${sent}\n${receiver.log.join("\n")}`);
					});
				const again = receiver.messages.length - sent;

				const log = () => simulator.lines.filter(({ type }) => type === "log").map(({ message }) => message);
				const connections = () => log().filter((line) => /MQTT: connected/.test(line ?? "")).length;
				await world.until(() => connections() === 2, "the node's second connection", PATIENCE);
				const states = () => simulator.messages(`${base}/led/onboard/set`, "in").map(({ payload }) => payload);
				await world.until(() => states().length >= 3, "the orders", PATIENCE);
				assert.deepEqual(states().slice(0, 3), ["ON", "OFF", "ON"]);

				// Records of the time without a connection came later, each of them: the numbers have no gap.
				const numbers = () =>
					watcher.messages
						.filter(({ topic }) => topic === `${base}/telemetry`)
						.map(({ payload }) => (JSON.parse(`${payload}`) as { seq: number }).seq);
				const last = Math.max(...numbers()) + 5;
				await world.until(() => numbers().includes(last), "five more records", PATIENCE);
				const seen = [...new Set(numbers())].sort((a, b) => a - b);
				assert.deepEqual(
					seen,
					seen.map((_, index) => seen[0]! + index),
				);
				const offline = watcher.messages.filter((m) => m.topic === `${base}/status` && `${m.payload}` === "offline");
				assert.equal(offline.length, 0, "the will of a connection dies with the node that it was on");
				const back = Math.round(performance.now() - killedAt);
				console.log(`# ${sent} messages, none lost, ${again} twice; the node was back and on time within ${back} ms`);
				assert.ok(again >= 0 && again <= 50, `${again} came twice`);
			} finally {
				await simulator.stop();
			}
		},
		180_000,
	);
});
