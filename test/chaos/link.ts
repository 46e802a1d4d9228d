import type { TimerHandle } from "../../hosts/shared/clock";
import { Channel, type ChannelOwner } from "./channel";
import { type Direction, Exchange } from "./judge";
import { CONNACK, type Packet, PINGREQ, PINGRESP, SUBACK } from "./packets";
import type { LinkPlan } from "./plan";
import type { ChaosProxy } from "./proxy";
import type { Wire } from "./wire";

/** One connection of the node, through the proxy, to the broker. */
export class Link implements ChannelOwner {
	readonly plan: LinkPlan;
	readonly #proxy: ChaosProxy;
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

	constructor(proxy: ChaosProxy, number: number, plan: LinkPlan, node: Wire, broker: Wire, onEnd: () => void) {
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
		if (this.#corrupted || this.#proxy.wild || this.#total < this.plan.corruptAfter || !this.#proxy.rough)
			return undefined;
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
