import { groupOf, topics } from "../description/topics";
import { type Log, messageOf } from "../log/log";
import { EVENT, type IncomingMessage, type Messenger } from "../node/messenger";
import { jsonObject, orderText, quote } from "../output/payload";

/** The arguments of a command: the members of its JSON object that it knows, and `id`. */
export type Arguments = Readonly<Record<string, unknown>>;

/** Some commands that belong together. */
export interface CommandSet {
	readonly names: readonly string[];
	/** The arguments that a command knows, beside `id`. */
	argumentsOf(name: string): readonly string[];
	/** Bytes of the longest payload; that of an order when omitted. */
	longestOf?(name: string): number;
	/** Obeys a command. What it returns is the `result` of the response; an Error thrown is its `error`. */
	run(name: string, args: Arguments): unknown;
}

export interface CommandsOptions {
	messenger: Messenger;
	base: string;
	log: Log;
	sets: readonly CommandSet[];
}

/** An `id` that is a text may be so long. */
const LONGEST_ID = 64;

/** The commands of a node: takes them from its own and its group's topics, and answers each one. */
export class Commands {
	readonly #sets: readonly CommandSet[];
	readonly #messenger: Messenger;
	readonly #base: string;
	readonly #log: Log;

	constructor(options: CommandsOptions) {
		const { messenger, base } = options;
		this.#sets = options.sets;
		this.#messenger = messenger;
		this.#base = base;
		this.#log = options.log;
		const take = (message: IncomingMessage) =>
			this.#take(message.topic.slice(message.topic.lastIndexOf("/") + 1), message);
		messenger.on(topics.command(base, "+"), 1, take);
		messenger.on(topics.command(groupOf(base), "+"), 1, take);
	}

	/** The names of all commands. */
	get names(): string[] {
		return this.#sets.flatMap(({ names }) => names);
	}

	#take(name: string, message: IncomingMessage): void {
		let id: string | number | undefined;
		try {
			const set = this.#sets.find(({ names }) => names.includes(name));
			const text = orderText(message, set?.longestOf?.(name));
			const known = set?.argumentsOf(name) ?? [];
			const { members, unknown } = jsonObject(text || "{}", ["id", ...known]);
			id = idOf(members);
			if (!set) throw new Error(`unknown command, this node has ${this.names.join(", ")}`);
			if (unknown !== undefined)
				throw new Error(`${quote(unknown)} is unknown, expected ${known.join(", ") || "no arguments"}`);
			this.#respond(name, { id, ok: true, result: set.run(name, members) ?? {} });
		} catch (error) {
			this.#log.error(`command ${quote(name)}: ${messageOf(error)}`);
			if (!message.retain) this.#respond(name, { id, ok: false, error: { message: messageOf(error) } });
		}
	}

	#respond(name: string, response: object): void {
		try {
			this.#messenger.publish(topics.response(this.#base, name), JSON.stringify(response), EVENT);
		} catch (error) {
			this.#log.local("error", `response to ${quote(name)} not published: ${messageOf(error)}`);
		}
	}
}

function idOf(args: Arguments): string | number | undefined {
	const { id } = args;
	if (id === undefined || id === null) return undefined;
	if (typeof id === "number" || (typeof id === "string" && id.length <= LONGEST_ID)) return id;
	throw new Error(`id ${quote(id)} is not a number or a text of at most ${LONGEST_ID} characters`);
}
