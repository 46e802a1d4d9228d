import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { NodeFolder } from "../../hosts/desktop/node-folder";
import { KeyValueStore } from "../../hosts/shared/services/key-value-store";
import { temporaryFlash } from "../../sim/flash-folder";
import { HostileWorld, polite, Visit } from "../support/hostile-broker";
import { field } from "../support/mqtt-bytes";
import { Simulator } from "../support/simulator";
import { until } from "../support/until";

const base = "vagalume/sala";
const CONNACK = [0x20, 2, 0, 0];
const HUGE = [0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 97];

function publish(topic: string, payload: string | Uint8Array, id = 1, QoS = 1): Uint8Array {
	const bytes = Buffer.from(payload as string);
	const body = Buffer.concat([Buffer.from([...field(topic), ...(QoS ? [id >> 8, id & 255] : [])]), bytes]);
	const header = [0x30 | (QoS << 1)];
	let rest = body.length;
	do {
		header.push((rest & 127) | (rest > 127 ? 128 : 0));
		rest >>= 7;
	} while (rest > 0);
	return Buffer.concat([Buffer.from(header), body]);
}

/** Numbers that repeat, for hostile bytes. */
function sequence(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

/** With a broker that behaves again, the node connects, obeys and answers. */
async function lives(world: HostileWorld, after: string): Promise<void> {
	const fault = world.faults[0];
	assert.equal(fault, undefined, `${after}: ${fault?.message}\n${fault?.stack}`);
	world.manners = polite;
	await world.run(70);
	const { visit } = world;
	const from = visit.heard.length;
	visit.send(publish(`${base}/command/ping`, "", 777));
	await world.run(2);
	const heard = visit.heard.slice(from);
	const lines = world.output.lines.slice(-3).join("\n");
	assert.ok(
		heard.some((packet) => packet.cmd === "puback" && packet.messageId === 777),
		`${after}: deaf\n${lines}`,
	);
	assert.ok(
		heard.some((packet) => packet.cmd === "publish" && packet.topic === `${base}/response/ping`),
		`${after}: no answer\n${lines}`,
	);
	assert.equal(world.faults.length, 0, after);
}

/** The engine's stack keeps a fifth in reserve, and nothing is kept for good: names of properties, timers, messages. */
function keepsReserve(world: HostileWorld): void {
	const { stack, stackPeak, heap, reserved, keys } = world.node.statistics()!;
	assert.ok(stackPeak <= (0.8 * stack) / 16, `${stackPeak} of ${stack / 16} slots of stack`);
	assert.ok(reserved <= 0.97 * heap, `${reserved} of ${heap} bytes`);
	assert.ok(keys < 20, `${keys} names`);
}

test("whatever a broker says in place of CONNACK, the node comes back", async (t) => {
	const world = await HostileWorld.start(t);
	const random = sequence(1);
	const first: (readonly number[])[] = [
		[...publish("a", "b", 1, 0)],
		[0x40, 2, 0, 1],
		[0x90, 3, 0, 1, 0],
		[0xd0, 0],
		[0xe0, 0],
		[0, 0, 0, 0],
		HUGE,
		[0x20, 2, 2, 0],
		[0x20, 2, 1, 5],
		[0x20, 3, 0, 0, 0],
		[...CONNACK, ...CONNACK],
		[...Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
		...[1, 2, 3, 4, 5, 6, 255].map((code) => [0x20, 2, 0, code]),
		...Array.from({ length: 30 }, (_, index) => [
			...(index % 2 ? CONNACK : []),
			...Array.from({ length: 1 + random(100) }, () => random(256)),
		]),
		[],
	];
	for (const bytes of first) {
		world.manners = (packet, visit) => {
			if (packet.cmd === "connect") visit.send(bytes);
		};
		world.visit?.cut();
		await world.run(35);
	}
	await lives(world, "in place of CONNACK");
	keepsReserve(world);
});

test("malformed and unexpected packets of every type end the connection at most, never the node", async (t) => {
	const world = await HostileWorld.start(t);
	await world.run(5);
	const bodies = [[0], [2, 0, 0], [2, 0, 1], [3, 0, 1, 0], [127], [0x80, 0x80, 0x80, 0x80, 1], [5, 0, 1, 35, 0, 1]];
	for (let first = 0; first < 256; first++)
		for (const body of first % 16 < 4 ? bodies : bodies.slice(0, 2)) {
			world.visit.send([first, ...body]);
			await world.run(2);
		}
	await lives(world, "malformed packets");
	for (let id = 1; id < 300; id++)
		for (const first of [0x40, 0x50, 0x62, 0x70, 0xb0]) world.visit.send([first, 2, id >> 8, id & 255]);
	await lives(world, "acknowledgements of nothing");
	keepsReserve(world);
});

test("a connection that is cut at each byte, or comes byte by byte, loses nothing that was accepted", async (t) => {
	const world = await HostileWorld.start(t);
	await world.run(5);
	const talk = Buffer.concat([
		Buffer.from([...CONNACK, 0x90, 8, 0, 1, 1, 1, 1, 1, 1, 1]),
		publish(`${base}/led/onboard/set`, "ON", 5),
		publish(`${base}/command/ping`, '{"id":1}', 6),
		Buffer.from([0xd0, 0, 0x40, 2, 0, 1]),
	]);
	for (let cut = 0; cut <= talk.length; cut++) {
		world.manners = (packet, visit) => {
			if (packet.cmd !== "connect") return;
			visit.send(talk.subarray(0, cut));
			world.clock.set(() => visit.cut(), 20);
		};
		world.visit.cut();
		await world.run(3);
	}
	await lives(world, "cuts");
	for (const byte of publish(`${base}/led/onboard/set`, "50", 5)) {
		world.visit.send([byte]);
		await world.run(0.02);
	}
	assert.match(world.output.sent(`${base}/led/onboard`).at(-1)!, /"brightness":12[78]/);
	await lives(world, "bytes");
});

test("payloads and topics of any size are taken or skipped, at each QoS", async (t) => {
	const world = await HostileWorld.start(t);
	await world.run(5);
	const topics = [`${base}/led/onboard/set`, `${base}/command/ping`, `x/${"y".repeat(300)}`, "a/".repeat(120)];
	for (const size of [0, 1, 511, 513, 1024, 1025, 5000, 300_000])
		for (const topic of [...topics, "/".repeat(60_000)])
			for (const QoS of [0, 1, 2]) {
				world.visit.send(publish(topic, Buffer.alloc(size, 0x7b), 99, QoS));
				await world.run(size > 50_000 ? 1 : 0.1);
			}
	assert.equal(world.visits.length, 1);
	await lives(world, "sizes");
	keepsReserve(world);
});

test("names in JSON, thousands of them, take no memory for good", async (t) => {
	const world = await HostileWorld.start(t);
	await world.run(5);
	for (let count = 0; count < 3000; count++) {
		const topic = ["command/ping", "led/strip/set", `command/x${count}`, `led/l${count}/set`][count % 4];
		const value = count % 3 ? "1" : `{"inner${count}":{"more${count}":1}}`;
		world.visit.send(publish(`${base}/${topic}`, `{"color":${value},"name${count}":1}`, 1 + count));
		if (count % 10 === 9) await world.run(0.1);
	}
	await lives(world, "names");
	keepsReserve(world);
});

test("orders and commands without end, and a broker that acknowledges nothing: memory stays within the heap", async (t) => {
	const world = await HostileWorld.start(t);
	await world.run(5);
	const payloads = [
		`{"id":"${"i".repeat(64)}"}`,
		`{"${"n".repeat(490)}":1}`,
		`{"state":"${"\u00e9".repeat(230)}"}`,
		'{"color":{"r":1,"g":2,"b":3},"state":"ON","brightness":3,"effect":"pulse","transition":300,"color_mode":"rgb"}',
		`{"a":[${"[1,2],".repeat(70)}1]}`,
		`{"color":[${'{"r":1},'.repeat(55)}1]}`,
		"A".repeat(1024),
	];
	const topics = ["command/ping", "command/report", `command/${"x".repeat(200)}`, "command/identify", "led/strip/set"];
	for (const silent of [true, false]) {
		world.manners = (packet, visit) => {
			if (!silent || packet.cmd !== "publish") polite(packet, visit);
		};
		world.visit.cut();
		await world.run(5);
		for (let count = 0; count < 1500; count++) {
			const topic = `${base}/${topics[count % topics.length]}`;
			world.visit.send(publish(topic, payloads[count % payloads.length]!, 1 + count));
			if (count % 7 === 0) {
				world.node.workbench.plug("climate", count % 2 === 0);
				world.node.workbench.press("boot", 50);
			}
			if (count % 10 === 0) await world.run([0.01, 0.5, 3][count % 3]!);
		}
		world.node.workbench.plug("climate", true);
		await lives(world, silent ? "no acknowledgements" : "a flood");
	}
	keepsReserve(world);
});

test("five thousand effects, and a button that bounces and is held for an hour, leave nothing behind", async (t) => {
	const world = await HostileWorld.start(t);
	await world.run(30);
	const orders = ['{"effect":"pulse"}', '{"effect":"fade","transition":300}', '{"flash":"long"}', "TOGGLE", "OFF"];
	for (let count = 0; count < 5000; count++) {
		world.visit.send(publish(`${base}/led/${count % 3 ? "onboard" : "strip"}/set`, orders[count % 5]!, 1 + count));
		if (count % 10 === 9) {
			world.node.workbench.press("boot", count % 200);
			await world.run(0.1);
		}
	}
	world.node.workbench.press("boot");
	await world.run(3600);
	world.node.workbench.release("boot");
	const events = () => world.output.sent(`${base}/button/boot`).slice(-3);
	await world.run(1);
	assert.deepEqual(
		events().map((event) => JSON.parse(event).event_type),
		["press", "hold", "release"],
	);
	await lives(world, "effects and bounces");
	keepsReserve(world);
});

test("flash that is damaged, full or holds what nobody expects: the node boots, reports and obeys", async (t) => {
	const fill = (store: KeyValueStore, format: number, length: number) => {
		for (let index = 0; ; index++) store.write("other", `k${index}`, format, Buffer.alloc(length));
	};
	const wrongs: ((store: KeyValueStore) => void)[] = [
		(store) => store.write("node", "boots", 1, Buffer.from("x")),
		(store) => store.write("node", "boots", 6, Buffer.from([255, 255, 255, 255])),
		(store) => store.write("node", "interval", 0, Buffer.alloc(3000)),
		(store) => store.write("node", "interval", 1, Buffer.from("1".repeat(3999))),
		(store) => fill(store, 1, 60),
		(store) => {
			store.write("node", "boots", 6, Buffer.from([5, 0, 0, 0]));
			fill(store, 6, 4);
		},
	];
	for (const wrong of wrongs) {
		const flash = temporaryFlash();
		try {
			wrong(new KeyValueStore(new NodeFolder(flash.path), () => {}));
		} catch (error) {
			assert.match(String(error), /storage is full/);
		}
		const world = await HostileWorld.start(t, { flash });
		await world.run(5);
		world.visit.send(publish(`${base}/command/interval`, '{"seconds":33}'));
		await lives(world, String(wrong));
		world.node.close();
	}
});

test("over real sockets, five thousand orders in one go keep the connection, and each is acknowledged", async (t) => {
	const visits: Visit[] = [];
	const server = createServer((socket) => visits.push(new Visit(socket, polite)));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.after(() => server.close());
	const { port } = server.address() as AddressInfo;
	const simulator = new Simulator(["--id", "sala", "--broker", `mqtt://127.0.0.1:${port}`]);
	t.after(() => simulator.stop());
	await until(() => visits[0]?.of("subscribe").length === 1, 10_000, "a subscription");
	const orders = Array.from({ length: 5000 }, (_, index) =>
		index % 2
			? publish(`${base}/led/onboard/set`, String(index % 101), 1 + index)
			: publish(`${base}/command/ping`, "", 1 + index),
	);
	visits[0]!.send(Buffer.concat(orders));
	await until(() => visits[0]!.of("puback").length === 5000 || visits.length > 1, 15_000, "all acknowledgements");
	const lines = simulator.lines.map(({ message }) => message).filter((message) => message?.includes("connected"));
	assert.equal(visits.length, 1, lines.join("\n"));
});
