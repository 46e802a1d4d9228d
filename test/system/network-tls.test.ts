/** TLS by Node, as a desktop node uses it: what is refused, and what the error says. */
import assert from "node:assert/strict";
import { type AddressInfo, createServer as createPlainServer, type Server } from "node:net";
import { describe, test } from "node:test";
import { createServer, type TlsOptions } from "node:tls";
import type { TLSParameters } from "../../hosts/shared/services/network";
import { describe as describeError } from "../../hosts/shared/services/network-error";
import { realSockets } from "../../sim/network/real-sockets";
import { certificate, withoutOpenssl } from "../support/certificates";
import { echo } from "../support/contract-run";

const address = "127.0.0.1";
const authority = withoutOpenssl ? [] : [certificate("authority.pem")];
const server = withoutOpenssl ? {} : { cert: certificate("server.pem"), key: certificate("server.key") };

/** Connects and sends a byte; `connected`, or the error's message. */
async function attempt(listener: Server, tls: Partial<TLSParameters> = {}): Promise<string> {
	await new Promise<void>((resolve) => void listener.listen(0, address, resolve));
	const { port } = listener.address() as AddressInfo;
	const result = await new Promise<string>((resolve) => {
		const parameters = { serverName: "localhost", ca: authority, date: Date.UTC(2026, 0, 1), ...tls };
		const stream = realSockets.connect({ address, port, tls: parameters }, () =>
			stream.write(Buffer.from("?"), () => {}),
		);
		stream.on("data", () => {
			resolve("connected");
			stream.destroy();
		});
		stream.on("error", (error) => resolve(describeError(error, { address: "server", port: 0 }).message));
		stream.on("close", () => resolve("closed"));
	});
	listener.close();
	return result;
}

function secure(options: TlsOptions = {}): Server {
	const listener = createServer({ ...server, ...options }, echo);
	listener.on("tlsClientError", () => {});
	return listener;
}

describe("TLS", { skip: withoutOpenssl }, () => {
	test("a server of the own authority is accepted", async () => {
		assert.equal(await attempt(secure()), "connected");
	});

	test("an unknown authority is refused", async () => {
		assert.match(await attempt(secure(), { ca: undefined }), /^server:0: .*unknown authority/);
	});

	test("another name is refused", async () => {
		assert.match(await attempt(secure(), { serverName: "broker.example" }), /for another name/);
	});

	test("an expired certificate is refused", async () => {
		const expired = { cert: certificate("expired.pem"), key: certificate("expired.key") };
		assert.match(await attempt(secure(expired)), /has expired/);
	});

	test("the node's own date counts: before and after the certificate's time", async () => {
		assert.match(await attempt(secure(), { date: 0 }), /not valid yet/);
		assert.match(await attempt(secure(), { date: Date.UTC(2119, 5, 1) }), /expired/);
	});

	test("a client certificate is sent when the server asks for it, and a missing one is an error", async () => {
		const asking = { requestCert: true, ca: authority };
		const own = { certificate: [certificate("client.pem")], key: certificate("client.key") };
		assert.equal(await attempt(secure(asking), own), "connected");
		assert.match(await attempt(secure(asking)), /client certificate/);
	});

	test("a server without TLS is named as such", async () => {
		const plain = createPlainServer((stream) => {
			stream.on("error", () => {});
			stream.end("220 hello\r\n");
		});
		assert.match(await attempt(plain), /does not speak TLS/);
	});

	test("versions and protocols are negotiated", async () => {
		assert.equal(
			await attempt(secure({ ALPNProtocols: ["mqtt"] }), { protocols: ["mqtt"], maximumVersion: "TLSv1.2" }),
			"connected",
		);
		assert.match(
			await attempt(secure({ maxVersion: "TLSv1.2" }), { minimumVersion: "TLSv1.3" }),
			/does not speak TLS as asked|refused|version/,
		);
	});
});
