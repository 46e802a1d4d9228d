import type TCP from "embedded:io/socket/tcp";
import TLS from "embedded:io/socket/tcp/tls";
import Time from "time";
import type { Bench } from "./bench";
import { equal, ok, suite, type Test, throws } from "./harness";

const needs = (_device: unknown, bench: Bench) => bench.tlsEcho;

type Parameters = NonNullable<ConstructorParameters<typeof TLS>[0]["tls"]> & Record<string, unknown>;

/** Certificates are valid at a date only: sets the clock, if nobody has. */
export async function setClock(t: Test): Promise<void> {
	if (Date.now() > 1_700_000_000_000) return;
	const { client } = t.device.network.ntp;
	const ntp = new client.io(client);
	t.defer(() => ntp.close());
	const time = await t.until<number | undefined>((done) => ntp.getTime((_error, time) => done(time)));
	ok(time !== undefined, "no time server answers");
	Time.set(time / 1000);
}

/** Connects, sends a byte, and resolves with what came back, or with the error. */
async function talk(t: Test, tls: Parameters, form: "tls" | "secure" = "tls"): Promise<number | Error> {
	await setClock(t);
	const { address, port, serverName } = t.bench.tlsEcho!;
	return t.until((done) => {
		const socket = new TLS({
			address,
			host: serverName,
			port,
			[form]: tls,
			onWritable(this: TCP) {
				this.write(Uint8Array.of(42));
			},
			onReadable: t.guard(function (this: TCP) {
				done(new Uint8Array(this.read() as ArrayBuffer)[0]!);
			}),
			onError: (error?: Error) => done(error ?? new Error("onError without an error")),
		});
		t.defer(() => socket.close());
	});
}

export default suite("tls", (test) => {
	test(
		"bytes go and come back (the standard's options)",
		async (t) => {
			const { serverName, certificate } = t.bench.tlsEcho!;
			const ca = ArrayBuffer.fromString(certificate);
			equal(await talk(t, { host: serverName, ca }), 42);
		},
		{ needs },
	);

	test(
		"bytes go and come back (Moddable's options)",
		async (t) => {
			const { serverName, certificate } = t.bench.tlsEcho!;
			equal(await talk(t, { serverName, certificate }, "secure"), 42);
		},
		{ needs },
	);

	test(
		"an unknown authority is refused",
		async (t) => {
			const { serverName } = t.bench.tlsEcho!;
			const result = await talk(t, { host: serverName });
			ok(result instanceof Error, "the connection was made");
			ok(/authority/.test(result.message), `the error is "${result.message}"`);
		},
		{ needs },
	);

	test(
		"a certificate for another name is refused",
		async (t) => {
			const { certificate } = t.bench.tlsEcho!;
			const result = await talk(t, { host: "another.example", ca: ArrayBuffer.fromString(certificate) });
			ok(result instanceof Error, "the connection was made");
			ok(/another name/.test(result.message), `the error is "${result.message}"`);
		},
		{ needs },
	);

	test(
		"a certificate that is not valid yet on the node's clock is refused",
		async (t) => {
			const { serverName, certificate } = t.bench.tlsEcho!;
			await setClock(t);
			const date = Date.now();
			t.defer(() => Time.set(date / 1000));
			Time.set(3600);
			const { address, port } = t.bench.tlsEcho!;
			const error = await t.until<Error | undefined>((done) => {
				const socket = new TLS({
					address,
					port,
					host: serverName,
					tls: { ca: ArrayBuffer.fromString(certificate) } as Parameters,
					onWritable: () => done(undefined),
					onError: (problem?: Error) => done(problem),
				});
				t.defer(() => socket.close());
			});
			ok(error instanceof Error, "the connection was made");
			ok(/not valid yet/.test(error.message), `the error is "${error.message}"`);
		},
		{ needs },
	);

	test(
		"options that are missing or wrong are refused",
		(t) => {
			const { address, port } = t.bench.tlsEcho!;
			throws(() => new TLS(undefined as never));
			throws(() => new TLS({ address, port, tls: {} } as never), Error, "no host");
			throws(() => new TLS({ address, port, host: "x", tls: { minimumVersion: "SSLv3" } as never }));
			throws(() => new TLS({ address, port, host: "x", tls: { maximumFragmentLength: 1000 } as never }));
			throws(() => new TLS({ address, port, host: "x", tls: { clientKey: new ArrayBuffer(1) } }));
		},
		{ needs },
	);
});
