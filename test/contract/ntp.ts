import type { Device } from "embedded:provider/builtin";
import type { Bench } from "./bench";
import { between, equal, ok, suite, type Test, throws } from "./harness";

const needs = (device: Device, bench: Bench) => device.network?.ntp && bench.ntp;

function open({ device, defer }: Test, servers?: string[]) {
	const { client } = device.network.ntp;
	const instance = new client.io(servers ? { ...client, servers } : client);
	defer(() => instance.close());
	return instance;
}

export default suite("ntp", (test) => {
	test(
		"getTime gives the time in ms since 1970",
		async (t) => {
			const client = open(t);
			const [error, time] = await t.until<[Error | null, number?]>((done) =>
				client.getTime((...values) => done(values)),
			);
			equal(error, null, "error");
			ok(typeof time === "number" && time > 1_700_000_000_000, `time ${time}`);
		},
		{ needs, timeout: 30_000 },
	);

	test(
		"two answers are apart as the time between them",
		async (t) => {
			const client = open(t);
			const ask = () => t.until<number>((done) => client.getTime((_error, time) => done(time!)));
			const first = await ask();
			await t.sleep(1000);
			between((await ask()) - first, 1000 - t.bench.ntp!.accuracy, 1200 + t.bench.ntp!.accuracy, "difference");
		},
		{ needs, timeout: 30_000 },
	);

	test(
		"a server that does not exist is passed over",
		async (t) => {
			const { servers } = t.device.network.ntp.client;
			const client = open(t, [t.bench.names!.missing, ...servers]);
			const error = await t.until<Error | null>((done) => client.getTime((result) => done(result)));
			equal(error, null, "error");
		},
		{ needs: (device, bench) => needs(device, bench) && bench.names, timeout: 60_000 },
	);

	test(
		"when no server answers, the callback gets an error",
		async (t) => {
			const client = open(t, [t.bench.names!.missing]);
			const error = await t.until<Error | null>((done) => client.getTime((result) => done(result)));
			ok(error instanceof Error, "no error");
		},
		{ needs: (device, bench) => needs(device, bench) && bench.names, timeout: 60_000 },
	);

	test(
		"one getTime at a time",
		async (t) => {
			const client = open(t);
			const done = t.until<unknown>((finish) => client.getTime(finish));
			throws(() => client.getTime(() => {}));
			await done;
			await t.until<unknown>((finish) => client.getTime(finish));
		},
		{ needs, timeout: 30_000 },
	);

	test(
		"nothing is called after close; getTime throws then",
		async (t) => {
			const client = open(t);
			let called = false;
			client.getTime(() => {
				called = true;
			});
			client.close();
			client.close();
			throws(() => client.getTime(() => {}));
			await t.sleep(300);
			equal(called, false, "called");
		},
		{ needs },
	);

	test(
		"wrong options are refused",
		(t) => {
			const { client } = t.device.network.ntp;
			throws(() => new client.io(undefined as never));
			throws(() => new client.io({ ...client, servers: [] }));
			throws(() => new client.io({ ...client, socket: undefined as never }));
			throws(() => new client.io({ ...client, dns: undefined as never }));
			throws(() => open(t).getTime(undefined as never));
		},
		{ needs },
	);
});
