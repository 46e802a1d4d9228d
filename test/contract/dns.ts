import type { Device } from "embedded:provider/builtin";
import type { Bench } from "./bench";
import { equal, ok, suite, type Test, throws } from "./harness";

const needs = (device: Device, bench: Bench) => device.network?.dns && bench.names;

function open({ device, defer }: Test) {
	const { resolver } = device.network.dns;
	const instance = new resolver.io(resolver);
	defer(() => instance.close());
	return instance;
}

export default suite("dns", (test) => {
	test(
		"a name resolves to its address: callback(null, host, address)",
		async (t) => {
			const { host, address } = t.bench.names!;
			let inside = true;
			const result = await t.until<unknown[]>((done) => {
				open(t).resolve({ host }, (...values) => {
					ok(!inside, "called from within resolve");
					done(values);
				});
				inside = false;
			});
			equal(result, [null, host, address]);
		},
		{ needs },
	);

	test(
		"Moddable's form: onResolved(host, address)",
		async (t) => {
			const { host, address } = t.bench.names!;
			const result = await t.until<unknown[]>((done) =>
				open(t).resolve({ host, onResolved: (...values) => done(values), onError: (error) => done([error]) }),
			);
			equal(result, [host, address]);
		},
		{ needs },
	);

	test(
		"an address resolves to itself",
		async (t) => {
			const result = await t.until<unknown[]>((done) => {
				open(t).resolve({ host: "192.0.2.7" }, (...values) => done(values));
			});
			equal(result, [null, "192.0.2.7", "192.0.2.7"]);
		},
		{ needs },
	);

	test(
		"a name that does not exist is an error, in both forms",
		async (t) => {
			const host = t.bench.names!.missing;
			const first = await t.until<unknown>((done) => open(t).resolve({ host }, (error) => done(error)));
			ok(first instanceof Error && first.message !== "", "the callback got no error");
			await t.until<unknown>((done) =>
				open(t).resolve({ host, onResolved: () => done(new Error("resolved")), onError: done }),
			);
		},
		{ needs, timeout: 30_000 },
	);

	test(
		"several resolutions may be under way",
		async (t) => {
			const { host } = t.bench.names!;
			const resolver = open(t);
			let left = 3;
			await t.until((done) => {
				for (const name of [host, "192.0.2.1", host])
					resolver.resolve({ host: name }, () => --left === 0 && done(undefined));
			});
		},
		{ needs },
	);

	test(
		"nothing is called after close, and resolve throws",
		async (t) => {
			const resolver = open(t);
			let called = false;
			resolver.resolve({ host: t.bench.names!.host }, () => {
				called = true;
			});
			resolver.close();
			resolver.close();
			throws(() => resolver.resolve({ host: "192.0.2.1" }, () => {}));
			await t.sleep(300);
			equal(called, false, "called");
		},
		{ needs },
	);

	test(
		"wrong arguments are refused",
		(t) => {
			const resolver = open(t);
			throws(() => resolver.resolve(undefined as never, () => {}));
			throws(() => resolver.resolve({} as never, () => {}));
			throws(() => resolver.resolve({ host: "x" }, 5 as never));
		},
		{ needs },
	);
});
