import { afterEach, beforeEach, test } from "node:test";
import WebSocketClient from "../../../hosts/shared/embedded/network/websocket/client";
import type { MQTTClientOptions } from "../../../modules/mqtt/options";
import type { SessionOptions } from "../../../modules/mqtt/session";
import { WebSocketSocket } from "../../../modules/mqtt/transport/websocket-socket";
import { certificate } from "../certificates";
import { clock } from "../clock";
import { NodeResolver, NodeTCP, NodeTLS, realTime } from "../node-tcp";
import { until } from "../until";
// What the WebSocket client asks of its host.
import "../websocket";
import { Keeper } from "./keeper";
import { Peer } from "./peer";
import type { Target } from "./target";

let nextId = 1;

/** Makes clients and sessions of a target, and ends them after each test. */
export class World {
	readonly target: Target;
	#made: { close(): void }[] = [];

	/** Call it within `describe`. `speed`: how much faster than the wall clock timers of clients and sessions run. */
	constructor(target: Target, speed = 1) {
		this.target = target;
		let endTime: () => void;
		beforeEach(() => {
			clock.reset();
			endTime = realTime(speed);
		});
		afterEach(() => {
			for (const one of this.#made.splice(0)) one.close();
			endTime();
		});
	}

	/** A test that cannot hang. */
	test(name: string, body: () => Promise<void>, timeout = 30_000): void {
		test(name, { timeout }, body);
	}

	/** A name for a client or a topic that no other test has. */
	name(what = "t"): string {
		return `${what}${nextId++}`;
	}

	/** Where and how to connect. */
	get network(): Pick<MQTTClientOptions, "socket" | "dns" | "host" | "port"> {
		const broker = this.target.broker();
		const dns = { io: NodeResolver as never };
		if (this.target.transport === "TLS") {
			const socket = { io: NodeTLS as never, certificate: certificate("authority.pem") };
			return { host: "localhost", port: broker.securePort!, socket, dns };
		}
		if (this.target.transport === "WebSocket") {
			const websocket = { io: WebSocketClient, socket: { io: NodeTCP } };
			const socket = { io: WebSocketSocket as never, path: "/mqtt", websocket };
			return { host: "127.0.0.1", port: broker.websocketPort!, socket, dns };
		}
		return { host: "127.0.0.1", port: broker.port, socket: { io: NodeTCP as never }, dns };
	}

	async client(options: Partial<MQTTClientOptions> = {}): Promise<Peer> {
		const { version } = this.target;
		// MQTT 5 says with a number what 3.1.1 says by `clean`: how long the session is kept.
		const kept = version === 5 && options.clean === false ? { sessionExpiryInterval: 3600 } : undefined;
		const properties = kept || options.properties ? { ...kept, ...options.properties } : undefined;
		const id = this.name("client");
		const peer = await Peer.connect({ id, ...this.network, version, ...options, properties });
		this.#made.push(peer);
		return peer;
	}

	/** Not started yet. */
	session(options: Partial<SessionOptions> = {}): Keeper {
		const { socket, dns, host, port } = this.network;
		const { version } = this.target;
		const id = this.name("session");
		const keeper = new Keeper({ client: { socket, dns } as never, host, port, id, version, ...options });
		this.#made.push({ close: () => keeper.session.stop() });
		return keeper;
	}

	/** Waits until `condition` holds. */
	until(condition: () => boolean, what: string, timeout = 5_000): Promise<void> {
		return until(condition, timeout, what);
	}
}
