import type { Clock, TimerHandle } from "../../hosts/shared/clock";
import { Channel, type ChannelOwner } from "./channel";
import { type Direction, Exchange, type Judge } from "./judge";
import { PacketLog } from "./packet-log";
import { CONNACK, type Packet, PINGREQ, PINGRESP, SUBACK } from "./packets";
import type { LinkPlan, Plan } from "./plan";
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
export class Proxy {
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

class Link implements ChannelOwner {
	readonly plan: LinkPlan;
	readonly #proxy: Proxy;
	readonly #number: number;
	readonly #node: Wire;
	readonly #broker: Wire;
	readonly #onEnd: () => void;
	readonly #out: Channel;
	readonly #in: Channel;
	readonly #exchange = new Exchange();
	#online = false;
	/** Packets that passed and were not told of. */
	#untold = 0;
	#total = 0;
	#stall = 0;
	#stalledOut = 0;
	#stalledIn = 0;
	#corrupted = false;
	#dead = false;
	/** Nonsense went that way: `#patience` waits for its receiver to end the connection. */
	#poison: Direction | undefined;
	#patience: TimerHandle | undefined;
	#ended = false;

	constructor(proxy: Proxy, number: number, plan: LinkPlan, node: Wire, broker: Wire, onEnd: () => void) {
		this.#proxy = proxy;
		this.#number = number;
		this.plan = plan;
		this.#node = node;
		this.#broker = broker;
		this.#onEnd = onEnd;
		const { clock } = proxy.options;
		this.#out = new Channel("out", clock, this, broker);
		this.#in = new Channel("in", clock, this, node);
		node.onBytes = (bytes) => this.#out.receive(bytes);
		broker.onBytes = (bytes) => this.#in.receive(bytes);
		node.onClosed = () => {
			this.#note("closed by the node");
			if (this.#poison === "in") this.#cured();
			this.#in.close();
			this.#online = false;
			if (!(this.#dead && this.plan.halfOpen)) this.#out.finish(() => this.end());
		};
		broker.onClosed = () => {
			this.#note("closed by the broker");
			if (this.#poison === "out") this.#cured();
			this.#out.close();
			this.#in.finish(() => this.end());
		};
		this.#note("opened");
	}

	/** CONNACK reached the node, and nothing told it that this is over. */
	get online(): boolean {
		return this.#online && !this.#ended;
	}

	get empty(): boolean {
		return this.#out.empty && this.#in.empty;
	}

	get budget(): number {
		return this.#proxy.rough ? Math.max(0, this.plan.cutAfter - this.#total) : Number.POSITIVE_INFINITY;
	}

	random(): number {
		return this.#proxy.options.random();
	}

	emitted(from: Direction, packet: Packet): void {
		const { log, options } = this.#proxy;
		log.add(options.clock.now(), this.#number, from, "emitted", packet);
		options.judge.emitted(from, packet, this.#exchange);
		if (packet.type === SUBACK) this.#proxy.subscribed = true;
	}

	passed(from: Direction, packet: Packet): void {
		const { log, options, counts } = this.#proxy;
		counts.packets++;
		log.add(options.clock.now(), this.#number, from, "passed", packet);
		options.judge.passed(from, packet, this.#exchange);
		if (packet.type !== PINGREQ && packet.type !== PINGRESP) this.#untold++;
		if (packet.type === CONNACK) this.#online = true;
	}

	spend(count: number): void {
		this.#total += count;
	}

	moved(): void {
		const packets = this.#untold;
		this.#untold = 0;
		this.#weather();
		if (packets > 0) this.#proxy.options.onPackets(packets);
	}

	#weather(): void {
		const stall = this.plan.stalls[this.#stall];
		if (!stall || this.#total < stall.after || !this.#proxy.rough) return;
		this.#stall++;
		this.#proxy.counts.stalls++;
		this.#note(`stalls for ${(stall.duration / 1000).toFixed(1)} s, ${stall.who}`);
		const until = this.#proxy.options.clock.now() + stall.duration;
		if (stall.who !== "in") this.#stalledOut = until;
		if (stall.who !== "out") this.#stalledIn = until;
	}

	stalledUntil(from: Direction): number {
		return from === "out" ? this.#stalledOut : this.#stalledIn;
	}

	takeCorruption(from: Direction): LinkPlan["corruption"] | undefined {
		if (this.#corrupted || this.#proxy.wild || this.#total < this.plan.corruptAfter || !this.#proxy.rough) return undefined;
		this.#corrupted = true;
		this.#proxy.counts.corruptions++;
		const { corruption } = this.plan;
		const kind = corruption === "flags" && from === "out" && !this.#proxy.options.strict ? "type" : corruption;
		this.#note(`corrupts: ${kind}`);
		return kind;
	}

	get wild(): boolean {
		return this.#proxy.wild;
	}

	poisoned(from: Direction): void {
		this.#poison = from;
		this.#patience = this.#proxy.options.clock.set(() => {
			const who = from === "out" ? "the broker" : "the node";
			this.#proxy.options.onViolation(`${who} did not end a connection on which no MQTT came (#${this.#number})`);
			this.end();
		}, this.#proxy.options.patience);
	}

	nonsense(from: Direction, error: Error): void {
		// It may be the answer to nonsense.
		if (this.#proxy.wild) return;
		const who = from === "out" ? "the node" : "the broker";
		this.#proxy.options.onViolation(`${who} sends what is no MQTT: ${error.message} (#${this.#number})`);
	}

	cut(): void {
		this.#proxy.counts.cuts++;
		this.#note(`cut, tells ${this.plan.cutTells}`);
		if (this.plan.cutTells === "both") {
			this.end();
			return;
		}
		this.#online = false;
		this.#cured();
		this.#in.close();
		this.#out.close();
		// The other one lives on with nobody at the far end, until it ends the connection itself.
		(this.plan.cutTells === "node" ? this.#node : this.#broker).cut();
		this.#node.onClosed = this.#broker.onClosed = () => this.end();
	}

	#cured(): void {
		this.#proxy.options.clock.clear(this.#patience);
		this.#patience = undefined;
	}

	nodeDies(): void {
		this.#dead = true;
		this.#in.close();
	}

	end(): void {
		if (this.#ended) return;
		this.#ended = true;
		this.#cured();
		this.#in.close();
		this.#out.close();
		this.#node.cut();
		this.#broker.cut();
		this.#onEnd();
	}

	#note(text: string): void {
		this.#proxy.log.add(this.#proxy.options.clock.now(), this.#number, "", "passed", text);
	}
}
