/** What the contract finds around it, by servers of this computer. */
import { createSocket } from "node:dgram";
import { type AddressInfo, createServer } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTLSServer } from "node:tls";
import type { Bench } from "../contract/bench";
import { certificate, withoutOpenssl } from "./certificates";
import { httpServer } from "./http-server";
import { webSocketServer } from "./websocket-server";

export interface Fixtures {
	bench: Partial<Bench>;
	close(): void;
}

/** Sends back what comes, and ends after a line that says `close`. */
export function echo(stream: Duplex): void {
	stream.on("error", () => {});
	stream.on("data", (chunk: Buffer) => {
		if (!stream.write(chunk)) {
			stream.pause();
			stream.once("drain", () => stream.resume());
		}
		if (chunk.toString("latin1").endsWith("close\n")) stream.end();
	});
}

/** Servers of this computer that the suites of sockets talk to. `keys`: of the TLS server; `rsa-` for TLS that knows no others. */
export async function serveFixtures(keys: "" | "rsa-" = ""): Promise<Fixtures> {
	const address = "127.0.0.1";
	const tcp = createServer(echo);
	const own = withoutOpenssl ? {} : { cert: certificate(`${keys}server.pem`), key: certificate(`${keys}server.key`) };
	const tls = createTLSServer(own, echo);
	tls.on("tlsClientError", () => {});
	const websocket = webSocketServer();
	const ws = createServer((stream) => websocket.accept(stream));
	const wss = createTLSServer(own, (stream) => websocket.accept(stream));
	wss.on("tlsClientError", () => {});
	const web = httpServer();
	const http = createServer((stream) => web.accept(stream));
	const https = createTLSServer(own, (stream) => web.accept(stream));
	https.on("tlsClientError", () => {});
	const nobody = createServer();
	const udp = createSocket("udp4");
	udp.on("message", (bytes, { address: to, port }) => udp.send(bytes, port, to));
	const servers = [tcp, tls, ws, wss, http, https, nobody];
	for (const server of servers) await new Promise<void>((resolve) => void server.listen(0, address, resolve));
	await new Promise<void>((resolve) => void udp.bind(0, address, resolve));
	const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
	const refused = { address, port: portOf(nobody) };
	await new Promise((resolve) => nobody.close(resolve));
	return {
		bench: {
			echo: { address, port: portOf(tcp), host: "echo.simulated" },
			refused,
			...(!withoutOpenssl && {
				tlsEcho: {
					address,
					port: portOf(tls),
					serverName: "localhost",
					certificate: certificate(`${keys}authority.pem`),
				},
				websocketTLS: {
					address,
					port: portOf(wss),
					host: "localhost",
					certificate: certificate(`${keys}authority.pem`),
				},
				httpTLS: { address, port: portOf(https), host: "localhost", certificate: certificate(`${keys}authority.pem`) },
			}),
			http: { address, port: portOf(http), host: "echo.simulated" },
			websocket: { address, port: portOf(ws), host: "echo.simulated" },
			udpEcho: { address, port: portOf(udp) },
			names: { host: "echo.simulated", address, missing: "missing.invalid" },
		},
		close() {
			tcp.close();
			tls.close();
			websocket.close();
			ws.close();
			wss.close();
			web.close();
			http.close();
			https.close();
			udp.close();
		},
	};
}
