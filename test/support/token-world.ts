import { createServer as createWebServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { Aedes, type AuthenticateError } from "aedes";
import { certificate } from "./certificates";
import type { TokenIssuer } from "./token-issuer";

/** A broker over TLS that lets in who shows a good token, until it expires, and the service that gives tokens, by HTTPS. */
export class TokenWorld {
	/** Of the default node with the id `sala`. */
	readonly base = "vagalume/sala";
	readonly seen: [topic: string, payload: string][] = [];
	/** User, and identity of the token, of each connection. */
	readonly admitted: string[] = [];
	broker = "";
	readonly #issuer: TokenIssuer;
	readonly #names: string;
	readonly #sockets = new Set<TLSSocket>();
	readonly #ends: (() => void)[] = [];

	/** `names`: what the names of its certificates begin with. */
	static async start(issuer: TokenIssuer, names = ""): Promise<TokenWorld> {
		const world = new TokenWorld(issuer, names);
		await world.#start();
		return world;
	}

	private constructor(issuer: TokenIssuer, names: string) {
		this.#issuer = issuer;
		this.#names = names;
	}

	/** Starts the service with this certificate; resolves to its URL. */
	async serve(name = "server"): Promise<string> {
		const web = createWebServer(this.#pair(name), this.#issuer.listener);
		this.#ends.push(
			() => web.closeAllConnections(),
			() => web.close(),
		);
		return `https://localhost:${await listen(web)}/token`;
	}

	/** Payloads of one topic of the node. */
	of(topic: string): string[] {
		return this.seen.filter(([name]) => name === `${this.base}/${topic}`).map(([, payload]) => payload);
	}

	/** The numbers of its records. */
	get records(): number[] {
		return this.of("telemetry").map((text) => (JSON.parse(text) as { seq: number }).seq);
	}

	close(): void {
		for (const end of this.#ends) end();
		for (const socket of this.#sockets) socket.destroy();
	}

	#pair(name: string): { cert: string; key: string } {
		const path = `${this.#names}${name}`;
		return { cert: certificate(`${path}.pem`), key: certificate(`${path}.key`) };
	}

	async #start(): Promise<void> {
		const aedes = await Aedes.createBroker({});
		aedes.authenticate = (client, user, password, done) => {
			const claims = this.#issuer.check(password?.toString());
			if (!claims) {
				done(Object.assign(new Error("no good token"), { returnCode: 5 }) as AuthenticateError, false);
				return;
			}
			this.admitted.push(`${user} ${claims.jti}`);
			const timer = setTimeout(() => client.close(), claims.exp * 1000 - Date.now());
			client.conn.once("close", () => clearTimeout(timer));
			done(null, true);
		};
		const hear = ({ topic, payload }: { topic: string; payload: Buffer | string }, done: () => void) => {
			this.seen.push([topic, payload.toString()]);
			done();
		};
		aedes.subscribe("#", hear, () => {});
		const server = createServer(this.#pair("server"), (socket) => {
			this.#sockets.add(socket);
			socket.once("close", () => this.#sockets.delete(socket));
			aedes.handle(socket, undefined as never);
		});
		this.#ends.push(
			() => aedes.close(),
			() => server.close(),
		);
		this.broker = `mqtts://localhost:${await listen(server)}`;
	}
}

async function listen(server: Server): Promise<number> {
	server.listen(0, "127.0.0.1");
	await new Promise((resolve) => server.once("listening", resolve));
	return (server.address() as AddressInfo).port;
}
