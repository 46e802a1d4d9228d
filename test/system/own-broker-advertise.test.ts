import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { encode, type Packet } from "dns-packet";
import { withoutOpenssl } from "../support/certificates";
import { LocalNetwork, withoutLocalNetwork } from "../support/local-network";
import { MdnsPeer } from "../support/mdns-peer";
import { withoutMosquitto } from "../support/mosquitto";
import { OwnBroker } from "../support/own-broker";
import { until } from "../support/until";

const TYPE = "_secure-mqtt._tcp.local";
const TARGET = "firefly.local";
const INSTANCE = `Vagalume da varanda é aqui.${TYPE}`;

describe("the broker on the local network: broker run --advertise", {
	skip: withoutMosquitto || withoutLocalNetwork,
}, () => {
	const broker = new OwnBroker();
	let network: LocalNetwork;
	/** A client's computer: who asks from a free port, and who takes part in multicast DNS. */
	let asker: MdnsPeer;
	let neighbour: MdnsPeer;
	before(async () => {
		network = await LocalNetwork.create();
		const [computer, other] = network.computers;
		// Another network of the broker's computer, whose addresses are no use to those on this one.
		computer.do(
			"ip link add guest0 type veth peer name guest1; ip addr add 198.51.100.1/24 dev guest0; ip link set guest0 up; ip link set guest1 up",
		);
		asker = await MdnsPeer.open(other);
		neighbour = await MdnsPeer.open(other, 5353);
		broker.computer = computer;
		broker.do("init", "--host", `broker.example,${TARGET}`);
		await broker.start("--advertise-as", "Vagalume da varanda é aqui");
	});
	after(async () => {
		await broker.remove();
		await asker.close();
		await neighbour.close();
		await network.remove();
	});

	const pointer = { type: "PTR", name: TYPE, class: "IN", data: INSTANCE };
	const text = { type: "TXT", name: INSTANCE, class: "IN", data: [Buffer.alloc(0)] };
	const address = { type: "A", name: TARGET, class: "IN", data: "192.0.2.1" };
	const service = () => ({
		type: "SRV",
		name: INSTANCE,
		class: "IN",
		data: { priority: 0, weight: 0, port: broker.port, target: TARGET },
	});
	/** For who knows nothing of multicast DNS (RFC 6762 §6.7). */
	const plain = (record: object) => ({ ...record, ttl: 10, flush: false });
	const unique = (record: object, ttl: number) => ({ ...record, ttl, flush: true });
	const shared = (record: object) => ({ ...record, ttl: 4500, flush: false });

	test("says on its screen what the network is told", () => {
		assert.match(broker.output, /the local network is told: "Vagalume da varanda é aqui", firefly\.local:\d+\nready/);
	});

	test("it looks three times whether the names are free, then is announced twice (RFC 6762 §8)", async () => {
		const announced = () =>
			neighbour.heard.filter(({ packet }) => packet.type === "response" && packet.answers!.length > 3);
		await until(() => announced().length >= 2, 5_000, "two announcements");
		const [first, second] = announced();
		assert.ok(second!.time - first!.time > 900, "a second apart");
		const probes = neighbour.heard.filter(({ packet, time }) => packet.type === "query" && time < first!.time);
		assert.equal(probes.length, 3);
		assert.deepEqual(
			probes[0]!.packet.questions!.map(({ name, type }) => [name, type]),
			[
				[INSTANCE, "ANY"],
				[TARGET, "ANY"],
			],
		);
		assert.equal(first!.port, 5353);
		assert.deepEqual(first!.packet.answers, [
			shared({ type: "PTR", name: "_services._dns-sd._udp.local", class: "IN", data: TYPE }),
			shared(pointer),
			unique(service(), 120),
			unique(text, 4500),
			unique(address, 120),
		]);
	});

	test("a query from a free port has all that a node needs in one answer, as a name server's (RFC 6762 §6.7)", async () => {
		const { packet, address: from, port } = await asker.answer(TYPE, "PTR", 4711);
		assert.deepEqual([from, port], ["192.0.2.1", 5353]);
		assert.ok(packet.flag_aa && !packet.flag_tc);
		assert.deepEqual(packet.questions, [{ name: TYPE, type: "PTR", class: "IN" }]);
		assert.deepEqual(packet.answers, [plain(pointer)]);
		assert.deepEqual(packet.additionals, [plain(service()), plain(text), plain(address)]);
		assert.ok(!neighbour.heard.some(({ packet }) => packet.id === 4711 && packet.type === "response"));
	});

	const asked: [string, string, () => { answers: object[]; additionals: object[] }][] = [
		[INSTANCE, "SRV", () => ({ answers: [service()], additionals: [address] })],
		[INSTANCE.toUpperCase().replace("É", "é"), "TXT", () => ({ answers: [text], additionals: [] })],
		[INSTANCE, "ANY", () => ({ answers: [service(), text], additionals: [address] })],
		[TARGET, "A", () => ({ answers: [address], additionals: [] })],
		[
			"_services._dns-sd._udp.local",
			"PTR",
			() => ({
				answers: [{ type: "PTR", name: "_services._dns-sd._udp.local", class: "IN", data: TYPE }],
				additionals: [],
			}),
		],
	];
	for (const [index, [name, type, expected]] of asked.entries())
		test(`asked for ${name} ${type}`, async () => {
			const { packet } = await asker.answer(name, type, 100 + index);
			const { answers, additionals } = expected();
			assert.deepEqual(packet.questions, [{ name, type, class: "IN" }]);
			assert.deepEqual([packet.answers, packet.additionals], [answers.map(plain), additionals.map(plain)]);
		});

	test("the answer leads there: from another computer the broker has a certificate for the name that was told", {
		skip: withoutOpenssl,
	}, () => {
		const connect = (name: string) =>
			network.computers[1].do(
				`openssl s_client -connect 192.0.2.1:${broker.port} -servername ${name} -verify_hostname ${name} \
					-verify_return_error -CAfile ${broker.folder.authorities} </dev/null`,
			);
		assert.match(connect(TARGET), /Verification: OK/);
		assert.throws(() => connect("other.local"), /hostname mismatch/i);
	});

	test("of other services and names, in another class, and to messages that are no query, it says nothing", async () => {
		const before = asker.heard.length;
		asker.ask([{ name: "_mqtt._tcp.local", type: "PTR" }], { id: 1 });
		asker.ask([{ name: "other.local", type: "A" }], { id: 2 });
		asker.ask([{ name: TYPE, type: "PTR", class: "CH" }], { id: 3 });
		asker.ask([{ name: TYPE, type: "PTR" }], { id: 4, flags: 2 << 11 });
		asker.send(encode({ type: "response", id: 5, questions: [{ name: TYPE, type: "PTR" }] }));
		// What comes last is answered last.
		await asker.answer(TARGET, "A", 6);
		assert.equal(asker.heard.length, before + 1);
	});

	test("who takes part in multicast DNS is answered by multicast, unless he knows it; once a second (§6, §7.1)", async () => {
		const [, { address: own }] = network.computers;
		const answers = () =>
			neighbour.heard.filter(({ packet, address }) => packet.type === "response" && address !== own);
		await until(() => answers().length >= 2, 5_000, "announcements");
		const before = answers().length;
		const known = { ...pointer, type: "PTR", class: "IN", ttl: 4000 } as const;
		neighbour.ask([{ name: TYPE, type: "PTR" }], { answers: [known] });
		neighbour.ask([{ name: TYPE, type: "PTR" }]);
		for (let n = 0; n < 20; n++) neighbour.ask([{ name: TYPE, type: "PTR" }]);
		await asker.answer(TARGET, "A", 7);
		await until(() => answers().length > before, 3_000, "an answer");
		assert.equal(answers().length, before + 1);
		const { packet } = answers().at(-1)!;
		assert.deepEqual([packet.id, packet.questions], [0, []]);
		assert.deepEqual(packet.answers, [shared(pointer)]);
		assert.deepEqual(packet.additionals, [unique(service(), 120), unique(text, 4500), unique(address, 120)]);
	});

	test("who takes part and asks for himself alone is answered alone (the QU bit, §5.4)", async () => {
		const query = encode({ type: "query", id: 8, questions: [{ name: INSTANCE, type: "SRV" }] });
		query.writeUInt16BE(0x8001, query.length - 2);
		const from = neighbour.heard.length;
		neighbour.send(query);
		await until(() => neighbour.heard.slice(from).some(({ packet }) => packet.type === "response"), 3_000, "an answer");
		const { packet } = neighbour.heard.slice(from).find(({ packet }) => packet.type === "response")!;
		assert.deepEqual(packet.answers, [unique(service(), 120)]);
	});

	test("what is no DNS message does no harm", async () => {
		const good = encode({ type: "query", id: 9, questions: [{ name: TYPE, type: "PTR" }] });
		for (let length = 0; length < good.length; length++) asker.send(good.subarray(0, length));
		for (let at = 0; at < good.length; at++)
			for (const value of [0, 0xc0, 0xff]) {
				const bad = Buffer.from(good);
				bad[at] = value;
				bad.writeUInt16BE(99, 0);
				asker.send(bad);
			}
		// A name that points at itself, and more records than there are.
		asker.send(Buffer.from("0000000000ffffffffffffc00cc00c00010001", "hex"));
		asker.send(Buffer.alloc(9000, 0x3f));
		// Of those many some are questions; then there is room for another answer again.
		await until(
			async () => {
				asker.ask([{ name: TARGET, type: "A" }], { id: 10 });
				return asker
					.response((packet) => packet.id === 10, 200)
					.then(
						() => true,
						() => false,
					);
			},
			5_000,
			"an answer",
		);
	});

	test("a query from no port (0, RFC 768) is not answered, and does no harm", async () => {
		const query = encode({ type: "query", id: 13, questions: [{ name: TYPE, type: "PTR" }] });
		const header = Buffer.alloc(8);
		for (const [index, value] of [0, 5353, header.length + query.length, 0].entries())
			header.writeUInt16BE(value, 2 * index);
		const bytes = Buffer.concat([header, query]).toString("hex");
		network.computers[1].do(`python3 -c '
from socket import *
raw = socket(AF_INET, SOCK_RAW, IPPROTO_UDP)
raw.sendto(bytes.fromhex("${bytes}"), ("192.0.2.1", 0))'`);
		await asker.answer(TARGET, "A", 14);
	});

	test("a flood of queries has few answers, and the broker is found afterwards", async () => {
		const query: Packet = { type: "query", id: 11, questions: [{ name: TYPE, type: "PTR" }] };
		const start = performance.now();
		asker.send(encode(query), { times: 2000 });
		await until(
			async () => {
				asker.ask([{ name: TARGET, type: "A" }], { id: 12 });
				return asker
					.response((packet) => packet.id === 12, 100)
					.then(
						() => true,
						() => false,
					);
			},
			5_000,
			"an answer",
		);
		const seconds = (performance.now() - start) / 1000;
		const answers = asker.heard.filter(({ packet }) => packet.id === 11);
		assert.ok(answers.length >= 1 && answers.length <= 50 * (1 + seconds), `${answers.length} in ${seconds} s`);
		assert.ok(answers[0]!.size < 512, `${answers[0]!.size} bytes`);
	});

	test("another broker of that name, and another computer's name: it runs, but is not announced, and says why", async () => {
		const other = new OwnBroker();
		[, other.computer] = network.computers;
		const from = asker.heard.length;
		other.do("init", "--host", "other.local");
		await other.start("--advertise-as", "Vagalume da varanda é aqui");
		assert.match(
			other.output,
			/is not told: "Vagalume da varanda é aqui" is the name of another broker on this network: --advertise-as NAME/,
		);
		await other.stop();
		other.do("rotate", "--host", TARGET);
		await other.start("--advertise");
		assert.match(
			other.output,
			/is not told: firefly\.local is the name of another computer on this network, 192\.0\.2\.1: one needs another/,
		);
		await asker.answer(TARGET, "A", 15);
		assert.deepEqual(
			asker.heard.slice(from).map(({ address }) => address),
			["192.0.2.1"],
		);
		await other.remove();
	});

	test("when it ends it says goodbye, of the service and not of the computer (§10.1)", async () => {
		const gone = neighbour.response((packet) => packet.answers!.some((record) => "ttl" in record && record.ttl === 0));
		assert.equal(await broker.stop(), 0);
		assert.deepEqual((await gone).packet.answers, [
			{ ...pointer, ttl: 0, flush: false },
			unique(service(), 0),
			unique(text, 0),
		]);
	});

	test("a broker whose names do not end in .local, or that only its own computer reaches, is not announced", () => {
		broker.do("rotate", "--host", "broker.example");
		const { status, stderr } = broker.say("run", "--advertise");
		assert.equal(status, 1);
		assert.match(
			stderr,
			/none of the broker's names ends in \.local \(it has broker\.example, localhost.*rotate --host NAME\.local,broker\.example/,
		);
		const bound = broker.say("run", "--advertise", "--bind", "127.0.0.1");
		assert.equal(bound.status, 2);
		assert.match(bound.stderr, /with --bind 127\.0\.0\.1 no other computer reaches the broker: leave --bind out/);
	});
});
