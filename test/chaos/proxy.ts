import type { Clock } from "../../hosts/shared/clock";
import type { Judge } from "./judge";
import { Link } from "./link";
import { PacketLog } from "./packet-log";
import type { Plan } from "./plan";
import type { Wire } from "./wire";

export interface ProxyOptions {
	readonly clock: Clock;
	readonly plan: Plan;
	readonly judge: Judge;
	/** A new connection to the broker; `undefined` when nobody listens. */
	connect(): Wire | undefined;
	/** Whole packets reached their receiver, other than PINGREQ and PINGRESP. */
	onPackets(count: number): void;
	onViolation(text: string): void;
	/** 0..1 */
	random(): number;
	/** ms that a receiver of nonsense has to end the connection. */
	readonly patience: number;
	/** The broker ends a connection on which reserved flags come. */
	readonly strict: boolean;
}

/** What the proxy did, by kind. */
export interface ProxyCounts {
	connections: number;
	packets: number;
	cuts: number;
	stalls: number;
	corruptions: number;
}

/** Stands between node and broker: logs every packet, and does to the bytes what the plan says. */
export class ChaosProxy {
	readonly log = new PacketLog();
	readonly counts: ProxyCounts = { connections: 0, packets: 0, cuts: 0, stalls: 0, corruptions: 0 };
	readonly options: ProxyOptions;
	readonly #links = new Set<Link>();
	/** Faults are at work. */
	rough = true;
	/** Any byte may become any other. */
	wild = false;
	/** The broker granted a subscription. */
	subscribed = false;

	constructor(options: ProxyOptions) {
		this.options = options;
	}

	/** A connection of the node. */
	accept(node: Wire): void {
		const broker = this.options.connect();
		if (!broker) {
			node.cut();
			return;
		}
		const link = new Link(this, ++this.counts.connections, this.options.plan.link(), node, broker, () =>
			this.#links.delete(link),
		);
		this.#links.add(link);
	}

	/** The node is connected, as far as it can know. */
	get online(): boolean {
		return [...this.#links].some((link) => link.online);
	}

	/** It is connected, and nothing is on its way. */
	get quiet(): boolean {
		return [...this.#links].some((link) => link.online && link.empty);
	}

	/** The node loses its power: whether the broker hears of it is up to the plan. */
	powerGoes(): void {
		for (const link of this.#links) link.nodeDies();
		this.note("the power goes");
	}

	note(text: string): void {
		this.log.add(this.options.clock.now(), this.counts.connections, "", "passed", text);
	}

	/** Cuts all connections. */
	close(): void {
		for (const link of [...this.#links]) link.end();
	}
}
