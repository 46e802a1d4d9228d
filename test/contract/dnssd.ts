import type { DiscoverOptions, Service } from "embedded:network/dnssd";
import type { Device } from "embedded:provider/builtin";
import {
	A,
	type Entry,
	Link,
	nameBytes,
	PTR,
	type Question,
	response,
	SRV,
	server,
	TXT,
	text,
	word,
} from "./dnssd-link";
import { equal, ok, suite, type Test, throws } from "./harness";

/** The class is the host's; the socket, in memory. */
const needs = (device: Device) => device.network?.dnssd;

const TYPE = ["_mqtt", "_tcp", "local"] as const;
const HOST = ["pi", "local"] as const;
const ADDRESS = [192, 0, 2, 7] as const;

function start(t: Test, options: Partial<DiscoverOptions> = {}, link = new Link()) {
	const { dnssd } = t.device.network;
	const instance = new dnssd!.io({ ...dnssd, socket: link.socket });
	t.defer(() => instance.close());
	const discovery = instance.discover({ serviceType: "_mqtt._tcp", ...options });
	return { link, instance, discovery };
}

/** All that there is to know of a broker. */
function broker(name = "Broker", port = 1883, ...pairs: string[]): Entry[] {
	return [
		{ name: TYPE, type: PTR, data: [name, ...TYPE] },
		{ name: [name, ...TYPE], type: SRV, data: server(port, HOST) },
		{ name: [name, ...TYPE], type: TXT, data: text(...pairs) },
		{ name: HOST, type: A, data: ADDRESS },
	];
}

/** Answers each question of the service type with these records. */
const saying = (entries: () => Entry[]) => (question: Question) =>
	question.type === PTR ? [response(question, entries())] : [];

function found(t: Test, answer: (question: Question) => Uint8Array[]): Promise<Service> {
	const link = new Link();
	link.answer = answer;
	return t.until<Service>((done) => void start(t, { onFound: t.guard(done) }, link));
}

export default suite("dnssd", (test) => {
	test(
		"onFound gets name, host, address, port and txt, and not from within discover",
		async (t) => {
			const link = new Link();
			link.answer = saying(() => broker("Ana's broker", 1884, "path=/mqtt", "tls", "empty="));
			let inside = true;
			const service = await t.until<Service>((done) => {
				const onFound = t.guard((service: Service) => {
					ok(!inside, "called from within discover");
					done(service);
				});
				start(t, { onFound }, link);
				inside = false;
			});
			const { name, host, address, port, txt } = service;
			equal([name, host, address, port], ["Ana's broker", "pi.local", "192.0.2.7", 1884]);
			equal(
				[...txt.entries()],
				[
					["path", "/mqtt"],
					["tls", undefined],
					["empty", ""],
				],
			);
		},
		{ needs },
	);

	test(
		"it asks the group of multicast DNS for an answer to itself (RFC 6762 §3, §5.4), and again after 1 s",
		async (t) => {
			const { link } = start(t);
			await t.sleep(1500);
			equal(link.questions.length, 2, "questions");
			for (const { name, type, class: kind, address, port } of link.questions)
				equal([...name, type, kind, address, port], [...TYPE, PTR, 0x8001, "224.0.0.251", 5353]);
		},
		{ needs },
	);

	test(
		"what a responder leaves out is asked for: SRV, then A",
		async (t) => {
			const link = new Link();
			const [pointer, srv, , address] = broker();
			link.answer = (question) => {
				const entry = question.type === PTR ? pointer! : question.type === SRV ? srv! : address!;
				return [response(question, [entry])];
			};
			const service = await t.until<Service>((done) => void start(t, { onFound: t.guard(done) }, link));
			equal([service.address, service.port, service.txt.size], ["192.0.2.7", 1883, 0]);
			equal(
				link.questions.slice(0, 3).map(({ name, type }) => [...name, type]),
				[
					[...TYPE, PTR],
					["Broker", ...TYPE, SRV],
					[...HOST, A],
				],
			);
		},
		{ needs },
	);

	test(
		"onUpdate when its txt, its port or its address changes, and only then",
		async (t) => {
			const link = new Link();
			link.answer = saying(() => broker());
			const heard: string[] = [];
			const onUpdate = t.guard(({ port, address, txt }: Service) => {
				heard.push(`${port} ${address} ${[...txt.keys()]}`);
			});
			await t.until<Service>((done) => void start(t, { onFound: t.guard(done), onUpdate }, link));
			const question = link.questions[0]!;
			const moved = broker("Broker", 1885, "x").map((entry) =>
				entry.type === A ? { ...entry, data: [192, 0, 2, 8] } : entry,
			);
			link.say(response(question, broker()));
			link.say(response(question, broker("Broker", 1885)));
			link.say(response(question, broker("Broker", 1885, "x")));
			link.say(response(question, broker("Broker", 1885, "x")));
			link.say(response(question, moved));
			await t.sleep(100);
			equal(heard, ["1885 192.0.2.7 ", "1885 192.0.2.7 x", "1885 192.0.2.8 x"]);
		},
		{ needs },
	);

	test(
		"of a host with several addresses the one that was told stays, as long as it is there",
		async (t) => {
			const link = new Link();
			const several = (...last: number[]): Entry[] => [
				...broker().slice(0, 3),
				...last.map((byte): Entry => ({ name: HOST, type: A, data: [192, 0, 2, byte] })),
			];
			link.answer = saying(() => several(7, 8));
			const heard: string[] = [];
			const onUpdate = t.guard(({ address }: Service) => void heard.push(address));
			const first = await t.until<Service>((done) => void start(t, { onFound: t.guard(done), onUpdate }, link));
			const [mine, other] = first.address === "192.0.2.7" ? [7, 8] : [8, 7];
			equal(first.address, `192.0.2.${mine}`);
			const question = link.questions[0]!;
			for (const all of [several(8, 7), several(7, 8), several(9, mine), several(other)])
				link.say(response(question, all));
			await t.sleep(50);
			equal(heard, [`192.0.2.${other}`]);
			// And a new discovery has the one that it prefers.
			const again = await t.until<Service>((done) => {
				const choices = new Link();
				choices.answer = saying(() => several(5, 4, 3, 2, 7, 8, 9, 10, 11));
				start(t, { onFound: t.guard(done), prefer: "192.0.2.7" }, choices);
			});
			equal(again.address, "192.0.2.7");
		},
		{ needs },
	);

	test(
		"a service that moved to another host is told again once the address of that one is known",
		async (t) => {
			const link = new Link();
			link.answer = saying(() => broker());
			const heard: string[] = [];
			const onUpdate = t.guard(({ host, address }: Service) => void heard.push(`${host} ${address}`));
			await t.until<Service>((done) => void start(t, { onFound: t.guard(done), onUpdate }, link));
			const question = link.questions[0]!;
			const host = ["other", "local"];
			link.say(response(question, [{ name: ["Broker", ...TYPE], type: SRV, data: server(1883, host) }]));
			await t.sleep(50);
			equal([...heard, ...link.questions.at(-1)!.name], host);
			link.say(response(question, [{ name: host, type: A, data: [192, 0, 2, 8] }]));
			await t.sleep(50);
			equal(heard, ["other.local 192.0.2.8"]);
		},
		{ needs },
	);

	test(
		"a network that is down when it asks: it asks again",
		async (t) => {
			const link = new Link();
			link.answer = saying(() => broker());
			link.down = true;
			const heard: string[] = [];
			start(t, { onFound: t.guard(({ name }) => void heard.push(name)) }, link);
			await t.sleep(500);
			link.down = false;
			await t.sleep(1000);
			equal(heard, ["Broker"]);
		},
		{ needs },
	);

	test(
		"a goodbye (TTL 0, RFC 6762 §10.1) is onLost; who comes back is found again",
		async (t) => {
			const link = new Link();
			link.answer = saying(() => broker());
			const heard: string[] = [];
			start(
				t,
				{
					onFound: t.guard(({ name }) => void heard.push(`found ${name}`)),
					onLost: t.guard(({ name, port }) => void heard.push(`lost ${name} ${port}`)),
				},
				link,
			);
			await t.sleep(300);
			const [pointer] = broker();
			link.say(response(link.questions[0]!, [{ ...pointer!, ttl: 0 }]));
			await t.sleep(1200);
			equal(heard, ["found Broker", "lost Broker 1883", "found Broker"]);
		},
		{ needs },
	);

	test(
		"names may hold dots and any letter, and ASCII letters are alike (RFC 6762 §16)",
		async (t) => {
			const service = await found(t, (question) => [
				response(question, [
					{ name: ["_MQTT", "_TCP", "LOCAL"], type: PTR, data: ["Sala 1.2 café ☕", "_Mqtt", "_tcp", "local"] },
					{ name: ["SALA 1.2 café ☕", ...TYPE], type: SRV, data: server(1883, ["PI", "local"]) },
					{ name: ["pi", "Local"], type: A, data: ADDRESS },
				]),
			]);
			equal([service.name, service.host], ["Sala 1.2 café ☕", "PI.local"]);
		},
		{ needs },
	);

	test(
		"compressed names (RFC 1035 §4.1.4) are read",
		async (t) => {
			const pointer = (to: number) => [0xc0, to];
			const service = await found(t, (question) => {
				const bytes = [...response(question, [])];
				bytes[7] = 3;
				// The question's name is at 12; that of the instance follows behind the header of the first record.
				const at = bytes.length + 12;
				bytes.push(...pointer(12), 0, PTR, 0, 1, 0, 0, 0, 10, 0, 5, 2, 66, 49, ...pointer(12));
				bytes.push(...pointer(at), 0, SRV, 0x80, 1, 0, 0, 0, 10, 0, 11, 0, 0, 0, 0, 7, 91, 2, 112, 105, ...pointer(23));
				const host = bytes.length - 5;
				bytes.push(...pointer(host), 0, A, 0x80, 1, 0, 0, 0, 10, 0, 4, ...ADDRESS);
				return [Uint8Array.from(bytes)];
			});
			equal([service.name, service.host, service.port, service.address], ["B1", "pi.local", 1883, "192.0.2.7"]);
		},
		{ needs },
	);

	test(
		"malformed packets are passed over, wherever they are cut or wrong, and what follows is heard",
		async (t) => {
			const heard: string[] = [];
			const { link } = start(t, { onFound: t.guard(({ name }: Service) => void heard.push(name)) });
			await t.sleep(200);
			const question = link.questions[0]!;
			const whole = response(question, broker("Late"));
			const hear = async (packet: Uint8Array) => {
				link.say(packet);
				await t.sleep(2);
			};
			for (let length = 0; length < whole.length; length++) await hear(whole.slice(0, length));
			equal(heard, [], "all but the last byte");
			// Names that point to themselves, forward, beyond the end; labels of a kind that there is none of; lengths that lie.
			for (const start of [[0xc0, 12], [0xc0, 200], [0xff, 255], [0x40, 1], [0x80, 1], [63]])
				await hear(Uint8Array.from([...whole.slice(0, 12), ...start, ...whole.slice(12 + start.length)]));
			for (let at = 0; at < whole.length; at++) {
				const copy = whole.slice();
				copy[at]! ^= 0xff;
				await hear(copy);
			}
			ok(heard.length <= 8, String(heard));
			link.say(response(question, broker("Good")));
			await t.sleep(50);
			equal(heard.at(-1), "Good");
		},
		{ needs, timeout: 20_000 },
	);

	test(
		"names that point to themselves, to each other, forward or nowhere, or whose labels are too long, are none (RFC 1035 §4.1.4)",
		async (t) => {
			const heard: string[] = [];
			const { link } = start(t, { onFound: t.guard(({ host }: Service) => void heard.push(host)) });
			await t.sleep(200);
			const question = link.questions[0]!;
			const [owner, host] = [nameBytes(["B", ...TYPE]), nameBytes(HOST)];
			const record = (name: number[], type: number, data: readonly number[]) => [
				...[...name, ...word(type), 0, 1, 0, 0, 0, 10],
				...[...word(data.length), ...data],
			];
			const say = (...records: number[][]) => {
				const counts = [0, 0, ...word(records.length), 0, 0, 0, 0];
				link.say(Uint8Array.from([...word(question.id), 0x84, 0, ...counts, ...records.flat()]));
			};
			const address = (to: number) => record([0xc0, to], A, ADDRESS);
			const srv = (...target: number[]) => [0, 0, 0, 0, 7, 91, ...target];
			// Where the host is in the data of the first record.
			const at = 12 + owner.length + 10 + 6;
			const longLabel = [69, ...Array.from({ length: 69 }, () => 120), 0];
			for (const target of [
				[0xc0, at],
				[0xc0, at + 2],
				[0xc0, 0],
				[0xff, 0xff],
				[1, 120, 0xc0, at],
				longLabel,
				[63, 120],
			])
				say(record(owner, SRV, srv(...target)), address(at));
			// To each other: the second record's host and that of the first.
			const second = at + 2 + owner.length + 10 + 6;
			say(record(owner, SRV, srv(0xc0, second)), record(owner, SRV, srv(0xc0, at)), address(at));
			// In the place of an owner's name, and of an instance's.
			for (const name of [
				[0xc0, 12],
				[0xc0, 14],
				[1, 66, 0xc0, 12],
			])
				for (const type of [PTR, SRV, TXT, A]) say(record(name, type, type === SRV ? srv(...host) : name), address(12));
			await t.sleep(100);
			equal(heard, []);
			say(record(owner, SRV, srv(...host)), address(at));
			await t.sleep(50);
			equal(heard, ["pi.local"]);
		},
		{ needs },
	);

	test(
		"texts that are no well-formed UTF-8, or hold control characters, are no names",
		async (t) => {
			const heard: string[] = [];
			const { link } = start(t, { onFound: t.guard(({ name }: Service) => void heard.push(name)) });
			await t.sleep(200);
			const question = link.questions[0]!;
			for (const wrong of [
				[0xff],
				[0xc0, 0x80],
				[0xed, 0xa0, 0x80],
				[7],
				[10],
				[0x7f],
				[0xc2, 0x85],
				[0xe2, 0x82],
				[0],
			]) {
				// As long as the bytes: replaced below.
				const name = "@".repeat(wrong.length);
				const bytes = response(question, broker(`x${name}`));
				for (let at = 12; at + wrong.length <= bytes.length; at++)
					if (wrong.every((_, index) => bytes[at + index] === 64)) bytes.set(wrong, at);
				link.say(bytes);
			}
			link.say(response(question, broker("Good")));
			await t.sleep(200);
			equal(heard, ["Good"]);
		},
		{ needs },
	);

	test(
		"answers to nothing that was asked, queries, and other services' records are passed over",
		async (t) => {
			const heard: string[] = [];
			const { link } = start(t, { onFound: t.guard(({ name }: Service) => void heard.push(name)) });
			await t.sleep(200);
			const question = link.questions[0]!;
			const other = response({ ...question, id: question.id ^ 0x5555 }, broker("Other number"));
			const query = response(question, broker("A query"));
			query[2] = 0;
			const error = response(question, broker("An error"));
			error[3] = 3;
			const kind = ["_http", "_tcp", "local"];
			const elsewhere = response(question, [
				{ name: kind, type: PTR, data: ["Web", ...kind] },
				{ name: ["Web", ...kind], type: SRV, data: server(80, HOST) },
				{ name: HOST, type: A, data: ADDRESS },
			]);
			const chaos = response(
				question,
				broker("Other class").map((entry) => ({ ...entry, class: 3 })),
			);
			link.say(other, query, error, elsewhere, chaos, response({ ...question, id: 0 }, broker("Number 0")));
			await t.sleep(100);
			equal(heard, ["Number 0"]);
		},
		{ needs },
	);

	test(
		"what does not come from port 5353 is no answer (RFC 6762 §6)",
		async (t) => {
			const heard: string[] = [];
			const { link } = start(t, { onFound: t.guard(({ name }: Service) => void heard.push(name)) });
			await t.sleep(200);
			const question = link.questions[0]!;
			link.port = 5354;
			link.say(response(question, broker("Other port")));
			link.port = 5353;
			link.say(response(question, broker("Good")));
			await t.sleep(50);
			equal(heard, ["Good"]);
		},
		{ needs },
	);

	test(
		"nobody is at 0.0.0.0 or at a multicast address, and a port of 0 or a host without a name is no server",
		async (t) => {
			const heard: string[] = [];
			const { link } = start(t, {
				onFound: t.guard(({ address, port }: Service) => void heard.push(`${address} ${port}`)),
			});
			await t.sleep(200);
			const question = link.questions[0]!;
			const at = (data: readonly number[]) => broker().map((entry) => (entry.type === A ? { ...entry, data } : entry));
			link.say(response(question, broker("Nowhere", 0)));
			link.say(
				response(
					question,
					broker("Rootless").map((entry) => (entry.type === SRV ? { ...entry, data: server(1, []) } : entry)),
				),
			);
			for (const data of [
				[0, 0, 0, 0],
				[224, 0, 0, 251],
				[255, 255, 255, 255],
				[1, 2, 3],
			])
				link.say(response(question, at(data)));
			await t.sleep(100);
			equal(heard, []);
			link.say(response(question, at(ADDRESS)));
			await t.sleep(50);
			equal(heard, ["192.0.2.7 1883"]);
		},
		{ needs },
	);

	test(
		"a hundred instances: eight are told, and it asks about no more than eight",
		async (t) => {
			const heard: string[] = [];
			const { link } = start(t, { onFound: t.guard(({ name }: Service) => void heard.push(name)) });
			await t.sleep(200);
			const question = link.questions[0]!;
			for (let number = 0; number < 100; number++) {
				link.say(response(question, [{ name: TYPE, type: PTR, data: [`Vague ${number}`, ...TYPE] }]));
				await t.sleep(2);
			}
			ok(link.questions.length <= 11, `${link.questions.length} questions`);
			// The next time to ask it is about others.
			const before = link.questions.length;
			await t.sleep(1000);
			link.say(response(question, [{ name: TYPE, type: PTR, data: ["Vague 100", ...TYPE] }]));
			await t.sleep(50);
			ok(
				link.questions.slice(before).some(({ type }) => type === SRV),
				"asked",
			);
			for (let number = 0; number < 100; number++) {
				link.say(response(question, broker(`Broker ${number}`)));
				await t.sleep(2);
			}
			equal(heard.length, 8);
		},
		{ needs },
	);

	test(
		"the instance of a name is seen behind any number of others, which it was not even asked about yet; no other has its place",
		async (t) => {
			const heard: string[] = [];
			const onFound = t.guard(({ name }: Service) => void heard.push(name));
			const { link } = start(t, { name: "sala 12", onFound });
			await t.sleep(200);
			const question = link.questions[0]!;
			const pointer = (name: string): Entry[] => [{ name: TYPE, type: PTR, data: [name, ...TYPE] }];
			for (let number = 0; number < 20; number++) link.say(response(question, pointer(`Vague ${number}`)));
			for (let number = 0; number < 8; number++) link.say(response(question, broker(`Broker ${number}`)));
			await t.sleep(50);
			link.say(response(question, pointer("Sala 12")));
			for (let number = 0; number < 20; number++) link.say(response(question, pointer(`Vague ${number}`)));
			await t.sleep(50);
			equal(link.questions.at(-1)!.name, ["Sala 12", ...TYPE]);
			link.say(response(question, broker("Sala 12").slice(1)));
			link.say(response(question, broker("Another")));
			await t.sleep(50);
			equal(heard.slice(8), ["Sala 12"]);
			// However often: it is asked about so many times, and no more.
			const asked = link.questions.length;
			link.say(response(question, [{ ...pointer("Sala 12")[0]!, ttl: 0 }]));
			for (let number = 0; number < 50; number++) link.say(response(question, pointer("Sala 12")));
			await t.sleep(100);
			ok(link.questions.length - asked <= 17, `${link.questions.length - asked} questions`);
		},
		{ needs },
	);

	test(
		"a TXT record has as many pairs as fit in 256 bytes, sixteen at most; what is no text is left out, the first of a key counts",
		async (t) => {
			const sizes: number[] = [];
			const long = Array.from({ length: 10 }, (_, index) => `${index}=${"v".repeat(28)}`);
			const short = Array.from({ length: 20 }, (_, index) => `${index}`);
			for (const pairs of [long, short, ["a=1", "A=2", "a=3", "\x07", "=x", "b"]])
				sizes.push(
					(
						await found(
							t,
							saying(() => broker("Broker", 1883, ...pairs)),
						)
					).txt.size,
				);
			equal(sizes, [8, 16, 3]);
			const { txt } = await found(
				t,
				saying(() => broker("Broker", 1883, "a=1", "a=3")),
			);
			equal(txt.get("a"), "1");
		},
		{ needs },
	);

	test(
		"two discoveries share a socket; it is closed with the last of them, and nothing is called then",
		async (t) => {
			const link = new Link();
			link.answer = saying(() => broker());
			const heard: string[] = [];
			const { instance, discovery } = start(t, { onFound: t.guard(() => void heard.push("one")) }, link);
			const other = instance.discover({ serviceType: "_mqtt._tcp", onFound: t.guard(() => void heard.push("two")) });
			equal(link.open, 1, "sockets");
			discovery.close();
			discovery.close();
			await t.sleep(200);
			equal(heard, ["two"]);
			equal(link.open, 1, "sockets");
			other.close();
			equal(link.open, 0, "sockets");
			instance.discover({ serviceType: "_mqtt._tcp", onFound: t.guard(() => void heard.push("three")) });
			instance.close();
			instance.close();
			equal(link.open, 0, "sockets");
			await t.sleep(300);
			equal(heard, ["two"]);
			throws(() => instance.discover({ serviceType: "_mqtt._tcp" }));
		},
		{ needs },
	);

	test(
		"a callback may close the discovery",
		async (t) => {
			const link = new Link();
			link.answer = saying(() => [...broker("One"), ...broker("Two")]);
			const heard: string[] = [];
			const { discovery } = start(
				t,
				{
					onFound: t.guard(({ name }: Service) => {
						heard.push(name);
						discovery.close();
					}),
				},
				link,
			);
			await t.sleep(1500);
			equal(heard, ["One"]);
			equal([link.open, link.questions.length], [0, 1], "sockets, questions");
		},
		{ needs },
	);

	test(
		"wrong options are refused",
		(t) => {
			const { dnssd } = t.device.network;
			throws(() => new dnssd!.io(undefined as never));
			throws(() => new dnssd!.io({} as never));
			throws(() => new dnssd!.io({ socket: {} as never }));
			const { instance } = start(t);
			throws(() => instance.discover(undefined as never));
			throws(() => instance.discover({} as never));
			for (const serviceType of ["mqtt", "_mqtt", "_mqtt._sctp", "_mqtt._tcp.local", "._tcp", "_a b._tcp"])
				throws(() => instance.discover({ serviceType }));
			throws(() => instance.discover({ serviceType: "_mqtt._tcp", onFound: 1 as never }));
		},
		{ needs },
	);
});
