import { groupOf, type OutputKind, topics } from "../description/topics";
import { type Log, messageOf } from "../log/log";
import { type IncomingMessage, type Messenger, STATE } from "../node/messenger";
import { orderText, quote } from "./payload";

/** Something that orders reach: a light or a relay. */
export interface Output {
	readonly name: string;
	/** As it is published. */
	readonly state: string;
	/** Obeys an order, or throws an Error that says what is wrong with it and changes nothing. */
	obey(order: string): void;
	close(): void;
}

export interface OutputsOptions {
	kind: OutputKind;
	members: readonly Output[];
	messenger: Messenger;
	base: string;
	log: Log;
}

/** The lights or the relays of a node: takes their orders from the network and tells their states. */
export class Outputs {
	readonly #kind: OutputKind;
	readonly #members: readonly Output[];
	readonly #messenger: Messenger;
	readonly #base: string;
	readonly #log: Log;

	constructor(options: OutputsOptions) {
		this.#kind = options.kind;
		this.#members = options.members;
		this.#messenger = options.messenger;
		this.#base = options.base;
		this.#log = options.log;
		const take = (message: IncomingMessage) => this.#take(message);
		options.messenger.on(topics.order(options.base, options.kind, "+"), 1, take);
		options.messenger.on(topics.order(groupOf(options.base), options.kind, "+"), 1, take);
	}

	find(name: string): Output | undefined {
		return this.#members.find((member) => member.name === name);
	}

	/** An order from the node itself, such as a button's. */
	order(name: string, order: string): void {
		const member = this.find(name);
		if (!member) return;
		member.obey(order);
		this.#publish(member);
	}

	/** Publishes all states: after each connect, as the broker may remember an older boot. */
	publishAll(): void {
		for (const member of this.#members) this.#publish(member);
	}

	close(): void {
		for (const member of this.#members) member.close();
	}

	#take(message: IncomingMessage): void {
		const { topic } = message;
		const end = topic.lastIndexOf("/");
		const name = topic.slice(topic.lastIndexOf("/", end - 1) + 1, end);
		try {
			const order = orderText(message);
			const member = this.find(name);
			if (member) {
				member.obey(order);
				this.#publish(member);
			} else if (topic.startsWith(`${this.#base}/`)) {
				const names = this.#members.map((other) => other.name).join(", ");
				throw new Error(`unknown, this node has ${names || "none"}`);
			}
		} catch (error) {
			this.#log.error(`${this.#kind} ${quote(name)}: ${messageOf(error)}`);
		}
	}

	/** While there is no connection nothing is published: the next connect tells the latest state. */
	#publish(member: Output): void {
		if (!this.#messenger.connected) return;
		this.#messenger.publish(topics.state(this.#base, this.#kind, member.name), member.state, STATE);
	}
}
