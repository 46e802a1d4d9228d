import { hostname } from "node:os";
import type { Duplex } from "node:stream";
import { RealClock } from "../hosts/desktop/clock";
import type { Connection } from "../hosts/shared/services/network";
import { type BrokerDiscovery, serviceOf } from "../modules/description/broker-discovery";
import type { NodeDescription } from "../modules/description/description";
import { EmbeddedBroker } from "./broker";
import { brokerTrouble, openBroker, openBrokerAt } from "./broker-door";
import { answer, GROUP, MULTICAST_DNS_PORT } from "./network/dnssd-responder";
import { duplexPair } from "./network/duplex-pair";
import type { Internet } from "./network/internet";
import { DISCOVERED, type SimOptions } from "./options";
import type { BrokerDoor } from "./panel/mqtt-bridge";
import { UsageError } from "./usage";

/** Where nodes find the broker in virtual time. */
const BROKER_NAME = "broker.simulated";
/** How the simulator's own broker is advertised, unless node.ts wants another name. */
const SERVICE_NAME = "Vagalume simulator";

/** The broker of a simulation's nodes: the simulator's own, one at a URL, or one that they find on this computer's network. */
export class NodeBroker implements BrokerDoor {
	readonly embedded: EmbeddedBroker | undefined;
	/** For the nodes' settings; undefined: they find it by DNS-SD. */
	readonly setting: string | undefined;
	readonly #options: SimOptions;
	readonly #internet: Internet;
	/** Where a node found it. */
	#found: Connection | undefined;

	/** Throws UsageError when node.ts and the options do not fit together. */
	static async start(options: SimOptions, description: NodeDescription, internet: Internet): Promise<NodeBroker> {
		const discover = description.broker?.discover;
		if (options.broker === DISCOVERED) {
			if (!discover || description.broker?.url !== undefined)
				throw new UsageError(
					`--broker ${DISCOVERED}: node.ts does not say what to look for, expected broker: { discover: {} } there`,
				);
			return new NodeBroker(options, internet, undefined, undefined);
		}
		if (options.broker !== undefined) return new NodeBroker(options, internet, undefined, options.broker);
		if (description.broker?.version === 5)
			throw new UsageError(
				"--broker: missing; node.ts asks for MQTT 5 (broker.version), and the simulator's own broker speaks 3.1.1 only",
			);
		if (discover?.secure)
			throw new UsageError(
				`--broker: missing; node.ts looks for a broker with TLS (broker.discover.secure), and the simulator's own has none: name one, or --broker ${DISCOVERED} to look for it on this computer's network`,
			);
		const embedded = await EmbeddedBroker.start();
		const virtual = options.time === "virtual";
		if (virtual) internet.serve(BROKER_NAME, 1883, (stream) => embedded.handle(stream));
		else await embedded.listen();
		if (!discover) return new NodeBroker(options, internet, embedded, embedded.url ?? `mqtt://${BROKER_NAME}`);
		advertise(internet, discover, embedded.url);
		return new NodeBroker(options, internet, embedded, undefined);
	}

	private constructor(
		options: SimOptions,
		internet: Internet,
		embedded: EmbeddedBroker | undefined,
		setting: string | undefined,
	) {
		this.#options = options;
		this.#internet = internet;
		this.embedded = embedded;
		this.setting = setting;
	}

	/** For people. */
	get url(): string {
		if (this.embedded) return this.embedded.url ?? `mqtt://${BROKER_NAME}`;
		const found = this.#found;
		return this.setting ?? (found ? `mqtt${found.secure ? "s" : ""}://${found.address}:${found.port}` : DISCOVERED);
	}

	/** A node talks MQTT on this connection. */
	found(connection: Connection): void {
		this.#found = connection;
	}

	/** A connection to it, for the panel's pages. Throws when nobody knows where it is. */
	open(): Duplex {
		const { ca } = this.#options;
		const url = this.embedded ? this.embedded.url : this.setting;
		if (url !== undefined) return openBroker(url, ca);
		if (!this.embedded) {
			if (!this.#found) throw new Error("no node has found the broker yet");
			return openBrokerAt(this.#found, ca);
		}
		// In virtual time the broker listens nowhere.
		const [page, inner] = duplexPair({
			clock: new RealClock(),
			latency: 0,
			onActivity: () => this.#internet.touch(),
		});
		this.embedded.handle(inner);
		return page;
	}

	/** What went wrong with a connection to it, for people. */
	explain(error: Error): string {
		return this.url === DISCOVERED ? error.message : brokerTrouble(this.url, error);
	}

	async close(): Promise<void> {
		await this.embedded?.close();
	}
}

/** The simulator's own broker as the nodes' network has it: it never gets onto the computer's. */
function advertise(internet: Internet, discover: BrokerDiscovery, url: string | undefined): void {
	const service = {
		type: serviceOf(discover),
		name: discover.name ?? SERVICE_NAME,
		host: `${hostname().split(".")[0] || "simulator"}.local`,
		address: url === undefined ? internet.lookup(BROKER_NAME)! : "127.0.0.1",
		port: url === undefined ? 1883 : Number(new URL(url).port),
	};
	internet.receive(GROUP, MULTICAST_DNS_PORT, (bytes, _from, reply) => {
		const packet = answer(bytes, [service]);
		if (packet) reply(packet);
	});
}
