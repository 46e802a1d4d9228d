/** A node that finds its broker by DNS-SD (broker.discover of node.ts), in virtual time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeDescription } from "../../modules/description/description";
import node from "../../node";
import { answer } from "../../sim/network/dnssd-responder";
import { parseSimOptions } from "../../sim/options";
import { Simulation } from "../../sim/simulation";
import { root } from "../../tools/root";
import { DiscoveryWorld, discovering, service } from "../support/discovery-world";
import { QuietOutput } from "../support/quiet-output";
import { VirtualSimulation } from "../support/virtual-simulation";

const CONNECTED = /MQTT: connected/;

test("the simulator's own broker is found, the node reports there and obeys", async (t) => {
	const world = await DiscoveryWorld.start(t, {});
	await world.run(5);
	assert.equal(world.output.sent("vagalume/sala/status").at(-1), "online");
	world.simulation.order("vagalume/sala/led/onboard/set", "ON");
	await world.run(1);
	assert.match(world.output.sent("vagalume/sala/led/onboard").at(-1)!, /"state":"ON"/);
	assert.equal(world.lines(/DNS-SD: "Vagalume simulator" is \S+\.local, 10\.0\.1\.\d+:1883/).length, 1);
});

test("the simulator's own broker is advertised by the name that node.ts wants", async (t) => {
	const world = await DiscoveryWorld.start(t, { name: "Sala" });
	await world.run(5);
	assert.equal(world.lines(/DNS-SD: "Sala" is/).length, 1);
	assert.equal(world.lines(CONNECTED).length, 1);
});

test("a broker that moved is found again where it is now, port and all", async (t) => {
	const world = await DiscoveryWorld.start(t, {}, [service("Casa", "10.0.9.1", 1883)]);
	world.serve("10.0.9.1", 1883);
	world.serve("10.0.9.2", 1999);
	await world.run(5);
	assert.equal(world.lines(CONNECTED).length, 1);
	world.services = [service("Casa", "10.0.9.2", 1999)];
	world.cut();
	await world.run(10);
	assert.equal(world.lines(CONNECTED).length, 2);
	assert.equal(world.lines(/DNS-SD: "Casa" is \S+\.local, 10\.0\.9\.2:1999/).length, 1);
});

test("--broker dns-sd and a broker with TLS: what does not fit together is said at the start", async () => {
	const start = (args: string[], description: NodeDescription) =>
		Simulation.start({
			options: parseSimOptions(["--headless", ...args]),
			output: new QuietOutput(),
			root,
			description,
		});
	await assert.rejects(start(["--broker", "dns-sd"], node), {
		name: "UsageError",
		message: "--broker dns-sd: node.ts does not say what to look for, expected broker: { discover: {} } there",
	});
	await assert.rejects(start([], discovering({ secure: true })), {
		name: "UsageError",
		message: /^--broker: missing; node\.ts looks for a broker with TLS .*name one, or --broker dns-sd/,
	});
});

test("of several it is the one that node.ts names", async (t) => {
	const world = await DiscoveryWorld.start(t, { name: "Zoé" }, [
		service("Ana", "10.0.9.1", 1883),
		service("Zoé", "10.0.9.2", 1883),
	]);
	world.serve("10.0.9.2", 1883);
	await world.run(5);
	assert.equal(world.lines(/DNS-SD: "Zoé" is \S+\.local, 10\.0\.9\.2:1883/).length, 1);
	assert.equal(world.lines(CONNECTED).length, 1);
});

test("of several without a name in node.ts it is the first by name, the log says so, and it stays with that one", async (t) => {
	const world = await DiscoveryWorld.start(t, {}, [
		service("Caju", "10.0.9.3", 1883),
		service("Bento", "10.0.9.2", 1883),
	]);
	world.serve("10.0.9.2", 1883);
	await world.run(5);
	assert.equal(world.lines(/several answer: "Bento", "Caju"; broker\.discover\.name chooses one/).length, 1);
	assert.equal(world.lines(/"Bento" is/).length, 1);
	world.services!.push(service("Ana", "10.0.9.1", 1883));
	world.cut();
	await world.run(10);
	assert.equal(world.lines(/"Bento" is/).length, 2);
	assert.equal(world.lines(CONNECTED).length, 2);
});

test("the first of several does not take it in, as the neighbour's broker does not: it is the next one's turn", async (t) => {
	const world = await DiscoveryWorld.start(t, {}, [
		service("Vizinha 1", "10.0.9.1", 1883),
		service("Vizinha 2", "10.0.9.2", 1883),
		service("Vizinha 3", "10.0.9.3", 1883),
	]);
	world.serve("10.0.9.2", 1883);
	await world.run(15);
	assert.deepEqual(
		world.lines(/" is /).map((line) => /"(.*)" is/.exec(line)![1]),
		["Vizinha 1", "Vizinha 2"],
	);
	assert.equal(world.lines(CONNECTED).length, 1);
	// The one that did stays the one.
	world.cut();
	await world.run(10);
	assert.match(world.lines(/" is /).at(-1)!, /"Vizinha 2" is/);
	// And when it is no more, the others have their turn, round and round.
	world.simulation.internet.touch();
	world.services = world.services!.filter(({ name }) => name !== "Vizinha 2");
	world.cut();
	world.serve("10.0.9.1", 1883);
	await world.run(40);
	assert.deepEqual(
		world
			.lines(/" is /)
			.slice(3)
			.map((line) => /"(.*)" is/.exec(line)![1]),
		["Vizinha 3", "Vizinha 1"],
	);
	assert.equal(world.lines(CONNECTED).length, 3);
});

test("a broker that restarts keeps its node, although the neighbour's stands open; one that stays away does not", async (t) => {
	const world = await DiscoveryWorld.start(t, {}, [service("Casa", "10.0.9.2", 1883)]);
	let shut = world.serve("10.0.9.2", 1883);
	world.serve("10.0.9.1", 1883);
	await world.run(5);
	world.services!.push(service("Ana", "10.0.9.1", 1883), service("Zoé", "10.0.9.1", 1883));
	shut();
	world.cut();
	await world.run(4);
	shut = world.serve("10.0.9.2", 1883);
	await world.run(10);
	assert.equal(world.lines(CONNECTED).length, 2);
	assert.equal(world.lines(/"(Ana|Zoé)" is/).length, 0);
	shut();
	world.cut();
	await world.run(90);
	assert.equal(world.lines(CONNECTED).length, 3);
	assert.equal(world.lines(/"Zoé" is/).length, 1);
});

test("nobody answers: the node says so, works on, and is there soon after a broker appears", async (t) => {
	const world = await DiscoveryWorld.start(t, {}, []);
	world.serve("10.0.9.1", 1883);
	await world.run(120);
	assert.ok(world.lines(/not connected: .*DNS-SD: nobody answers for _mqtt\._tcp; next attempt/).length >= 3);
	// Asked often enough to be found, seldom enough not to be a burden.
	assert.ok(world.asked.length >= 10 && world.asked.length <= 60, `${world.asked.length} queries in 120 s`);
	world.services = [service("Casa", "10.0.9.1", 1883)];
	await world.run(45);
	assert.equal(world.lines(CONNECTED).length, 1);
	// The records of the time before were kept.
	assert.ok(world.output.sent("vagalume/sala/telemetry").length >= 12);
});

test("none of those that answer is the one that node.ts names: the log says who is there", async (t) => {
	const world = await DiscoveryWorld.start(t, { name: "Casa" }, [service("Vizinha", "10.0.9.1", 1883)]);
	await world.run(15);
	assert.ok(world.lines(/nobody answers for _mqtt\._tcp, but "Vizinha", and "Casa" is wanted/).length >= 1);
	assert.equal(world.lines(CONNECTED).length, 0);
});

test("an access point that has begun to lose multicast packets: the broker is where it was", async (t) => {
	const world = await DiscoveryWorld.start(t, {}, [service("Casa", "10.0.9.1", 1883)]);
	world.serve("10.0.9.1", 1883);
	await world.run(5);
	world.services = [];
	world.cut();
	await world.run(20);
	assert.equal(world.lines(/nobody answers, trying "Casa" where it was, 10\.0\.9\.1:1883/).length, 1);
	assert.equal(world.lines(CONNECTED).length, 2);
});

test("a flood of answers, most of them hostile, neither fills the node nor hides the broker", async (t) => {
	const world = await DiscoveryWorld.start(t, { name: "Casa" }, [service("Casa", "10.0.9.1", 1883)]);
	world.serve("10.0.9.1", 1883);
	let random = 1;
	const next = () => (random = (Math.imul(random, 1103515245) + 12345) >>> 0) >>> 16;
	let made = 0;
	world.responder = (query) => {
		const packets: Uint8Array[] = [];
		for (let number = 0; number < 12; number++) {
			const good = answer(query, [service(`Fake ${made++}`, "10.6.6.6", 1)]);
			if (!good) continue;
			// A third whole, a third with bytes changed, a third blown up with noise.
			if (number % 3 === 1)
				for (let change = 0; change < 8; change++) good[12 + (next() % (good.length - 12))] = next();
			packets.push(number % 3 === 2 ? Uint8Array.from([...good, ...Array.from({ length: 1200 }, next)]) : good);
		}
		return packets;
	};
	for (let round = 0; round < 20; round++) {
		await world.run(10);
		world.cut();
	}
	world.responder = undefined;
	await world.run(40);
	assert.equal(world.output.sent("vagalume/sala/status").at(-1), "online");
	assert.equal(JSON.parse(world.output.sent("vagalume/sala/info").at(-1)!).bootCount, 1);
	assert.ok(made > 100, `${made} fakes`);
	assert.equal(world.lines(/10\.6\.6\.6/).length, 0);
});

test("discovery takes less than 3 KB of the heap while it asks, and next to nothing of a node that is connected", async (t) => {
	const measure = async (world: { simulation: Simulation }) => {
		const [one] = world.simulation.nodes;
		one!.collect();
		return { peak: one!.statistics()!.peak, used: one!.statistics()!.used };
	};
	const plain = await VirtualSimulation.start(t);
	await plain.run(60);
	const without = await measure(plain);
	const quiet = await DiscoveryWorld.start(t, {});
	await quiet.run(60);
	const found = await measure(quiet);
	const searching = await DiscoveryWorld.start(t, {}, []);
	await searching.run(60);
	const asked = await measure(searching);
	t.diagnostic(
		`peak ${without.peak}, found ${found.peak}, nobody ${asked.peak}; used ${without.used}, found ${found.used}`,
	);
	assert.ok(found.peak - without.peak < 3000, `${found.peak - without.peak} bytes more at most`);
	assert.ok(found.used - without.used < 600, `${found.used - without.used} bytes more when connected`);
});

test("the name that node.ts wants is that name in other letters, too, and nobody is told to choose one who did", async (t) => {
	const world = await DiscoveryWorld.start(t, { name: "casa" }, [
		service("Ana", "10.0.9.1", 1883),
		{ ...service("CASA", "10.0.9.2", 1883), host: "PI.LOCAL" },
	]);
	world.serve("10.0.9.2", 1883);
	await world.run(5);
	assert.equal(world.lines(CONNECTED).length, 1);
	assert.deepEqual(world.lines(/several answer/), []);
});

test("packets are lost while the neighbour's broker has its turn: the node comes back to the one that took it in", async (t) => {
	const world = await DiscoveryWorld.start(t, {}, [
		service("Casa", "10.0.9.1", 1883),
		service("Vizinha 1", "10.0.9.2", 1883),
		service("Vizinha 2", "10.0.9.3", 1883),
	]);
	const end = world.serve("10.0.9.1", 1883);
	await world.run(5);
	assert.equal(world.lines(CONNECTED).length, 1);
	end();
	world.cut();
	const turn = () => /"Vizinha 2" is/.test(world.lines(/DNS-SD: "/).at(-1)!);
	for (let second = 0; second < 90 && !turn(); second++) await world.run(1);
	assert.ok(turn());
	world.services = [];
	world.serve("10.0.9.1", 1883);
	await world.run(60);
	assert.ok(world.lines(/nobody answers, trying "Casa" where it was, 10\.0\.9\.1:1883/).length >= 1);
	assert.equal(world.lines(CONNECTED).length, 2);
});

test("not every address of its host leads to the broker: the node finds one that does, and stays with that", async (t) => {
	const at = (address: string) => ({ ...service("Casa", address, 1883), host: "pi.local" });
	for (const order of [
		["10.0.9.1", "10.0.9.2"],
		["10.0.9.2", "10.0.9.1"],
	]) {
		const world = await DiscoveryWorld.start(t, {}, order.map(at));
		world.serve("10.0.9.2", 1883);
		await world.run(120);
		assert.equal(world.lines(CONNECTED).length, 1);
		const refused = world.lines(/connection refused/).length;
		for (let time = 0; time < 8; time++) {
			world.cut();
			// Long enough for short pauses (the backoff begins anew after 30 s).
			await world.run(40);
		}
		assert.equal(world.lines(CONNECTED).length, 9);
		assert.equal(world.lines(/connection refused/).length, refused);
	}
});
