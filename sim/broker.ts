import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Aedes, type AuthenticateError } from "aedes";
import { listenNear } from "./listen";

/** The MQTT port that IANA assigned. */
const MQTT_PORT = 1883;

/** The MQTT 3.1.1 broker that runs inside the simulator when none is named. It keeps nothing when the process ends. */
export class EmbeddedBroker {
	readonly #aedes: Aedes;
	readonly #sockets = new Set<Socket>();
	#server: Server | undefined;
	#port = 0;

	private constructor(aedes: Aedes) {
		this.#aedes = aedes;
	}

	static async start(): Promise<EmbeddedBroker> {
		// Connect and drain timeouts count wall-clock time, which means nothing to nodes in virtual time.
		const aedes = await Aedes.createBroker({ id: "vagalume", connectTimeout: 60_000, maxClientsIdLength: 128 });
		return new EmbeddedBroker(aedes);
	}

	/** Serves one connection that is not a socket: an in-memory stream in virtual time. */
	handle(stream: Duplex): void {
		this.#aedes.handle(stream, undefined as never);
	}

	/** Listens on 127.0.0.1, at 1883 or the next free port. */
	async listen(port = MQTT_PORT): Promise<void> {
		const server = createServer((socket) => {
			socket.setNoDelay(true);
			this.#sockets.add(socket);
			socket.once("close", () => this.#sockets.delete(socket));
			this.handle(socket);
		});
		this.#port = await listenNear(server, port);
		this.#server = server;
	}

	/** Undefined before `listen`. */
	get url(): string | undefined {
		return this.#server && `mqtt://127.0.0.1:${this.#port}`;
	}

	/** Asks `admit` of each client from now on. `end` ends its connection, without a word. */
	guard(admit: (user: string | undefined, password: string | undefined, end: () => void) => boolean): void {
		this.#aedes.authenticate = (client, user, password, done) => {
			const good = admit(user, password?.toString(), () => client.close());
			if (good) {
				done(null, true);
				return;
			}
			// aedes writes CONNACK in pieces, of which a stream in memory has sent one when it is destroyed.
			client.conn.write(Uint8Array.of(0x20, 2, 0, 5));
			done(Object.assign(new Error("not admitted"), { returnCode: 5 }) as AuthenticateError, false);
		};
	}

	/** A message of the simulator's own, as from a client: QoS 1. */
	publish(topic: string, payload: string | Uint8Array, retain = false): void {
		this.#aedes.publish(
			{ cmd: "publish", topic, payload: Buffer.from(payload as string), qos: 1, retain, dup: false },
			() => {},
		);
	}

	/** Hears what is published from now on. */
	subscribe(filter: string, handler: (topic: string, payload: Buffer) => void): void {
		this.#aedes.subscribe(
			filter,
			(packet, done) => {
				handler(packet.topic, packet.payload as Buffer);
				done();
			},
			() => {},
		);
	}

	/** Follows a topic; returns what reads its latest payload. */
	watch(topic: string): () => string | undefined {
		let latest: string | undefined;
		this.subscribe(topic, (_, payload) => {
			latest = payload.toString();
		});
		return () => latest;
	}

	async close(): Promise<void> {
		this.#server?.close();
		await new Promise<void>((resolve) => this.#aedes.close(resolve));
		for (const socket of this.#sockets) socket.destroy();
	}
}
