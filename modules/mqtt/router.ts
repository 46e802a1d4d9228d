import { encodeFilter } from "./packet/topic";

/** One level of the trie. Children are a linked list: on XS a level takes 80 bytes, and arrays or a Map take more. */
class Level<Handler> {
	readonly name: string;
	/** Those of filters that end here: one, or a list of several. */
	handlers: Handler | Handler[] | undefined = undefined;
	child: Level<Handler> | undefined = undefined;
	next: Level<Handler> | undefined;

	constructor(name: string, next: Level<Handler> | undefined) {
		this.name = name;
		this.next = next;
	}
}

/**
 * Finds the handlers of a topic among filters with wildcards, by the rules of MQTT 3.1.1 §4.7: `+` is one level, also an empty
 * one; `#` is any number of levels, also none; neither at the front matches a topic that starts with `$`. A filter
 * `$share/<group>/<filter>` is routed as `<filter>`: so the broker delivers it. A handler is anything but an array.
 */
export class Router<Handler> {
	readonly #root = new Level<Handler>("", undefined);

	/**
	 * Adds a handler. The same one can be added to several filters, and is then called once for each that matches.
	 *
	 * @throws MQTTError `invalid`: not a valid filter
	 */
	on(filter: string, handler: Handler): void {
		encodeFilter(filter);
		let level = this.#root;
		for (const name of levelsOf(filter)) level = find(level, name) ?? add(level, name);
		const { handlers } = level;
		if (handlers === undefined) level.handlers = handler;
		else if (Array.isArray(handlers)) handlers.push(handler);
		else level.handlers = [handlers, handler];
	}

	/** Removes a handler from a filter (all of the filter's handlers when omitted); false when it was not there. */
	off(filter: string, handler?: Handler): boolean {
		const path: Level<Handler>[] = [this.#root];
		for (const name of levelsOf(filter)) {
			const level = find(path[path.length - 1]!, name);
			if (!level) return false;
			path.push(level);
		}
		const last = path[path.length - 1]!;
		const before = last.handlers;
		last.handlers = handler === undefined ? undefined : without(before, handler);
		if (before === last.handlers) return false;
		for (let index = path.length - 1; index > 0; index--) {
			const level = path[index]!;
			if (level.handlers === undefined && level.child === undefined) remove(path[index - 1]!, level);
		}
		return true;
	}

	/** Calls `visit` with every handler whose filter matches; returns how many there were. */
	match<Context>(topic: string, visit: (handler: Handler, context: Context) => void, context: Context): number {
		return walk(this.#root, topic, visit, context);
	}
}

function levelsOf(filter: string): string[] {
	const names = filter.split("/");
	return names[0] === "$share" && names.length > 2 ? names.slice(2) : names;
}

function find<Handler>(level: Level<Handler>, name: string): Level<Handler> | undefined {
	let child = level.child;
	while (child && child.name !== name) child = child.next;
	return child;
}

/** In the order in which filters were added. */
function add<Handler>(level: Level<Handler>, name: string): Level<Handler> {
	const child = new Level<Handler>(name, undefined);
	let last = level.child;
	if (!last) level.child = child;
	else {
		while (last.next) last = last.next;
		last.next = child;
	}
	return child;
}

function remove<Handler>(level: Level<Handler>, child: Level<Handler>): void {
	if (level.child === child) {
		level.child = child.next;
		return;
	}
	let before = level.child!;
	while (before.next !== child) before = before.next!;
	before.next = child.next;
}

function without<Handler>(handlers: Handler | Handler[] | undefined, handler: Handler) {
	if (!Array.isArray(handlers)) return handlers === handler ? undefined : handlers;
	const index = handlers.indexOf(handler);
	if (index < 0) return handlers;
	const rest = handlers.filter((_, at) => at !== index);
	return rest.length === 1 ? rest[0] : rest;
}

/** A loop, not a recursion: a topic of many levels must not cost the engine's stack. Names are compared in place, without garbage. */
function walk<Handler, Context>(
	root: Level<Handler>,
	topic: string,
	visit: (handler: Handler, context: Context) => void,
	context: Context,
): number {
	// `+` and `#` at the front do not match a system topic.
	let system = topic.startsWith("$");
	let count = 0;
	let from = 0;
	let level: Level<Handler> | undefined = root;
	/** Branches of `+` to look at later, and where the topic goes on there. */
	let branches: Level<Handler>[] | undefined;
	let offsets: number[] | undefined;
	while (level) {
		let child: Level<Handler> | undefined = level.child;
		let exact: Level<Handler> | undefined;
		let any: Level<Handler> | undefined;
		const over = from > topic.length;
		if (over) count += call(level.handlers, visit, context);
		let end = 0;
		while (child) {
			const { name } = child;
			if (name === "#") {
				if (!system) count += call(child.handlers, visit, context);
			} else if (!over) {
				if (end === 0) {
					end = topic.indexOf("/", from);
					if (end < 0) end = topic.length;
					end++;
				}
				if (name === "+") any = system ? undefined : child;
				else if (name.length === end - 1 - from && topic.startsWith(name, from)) exact = child;
			}
			child = child.next;
		}
		system = false;
		level = exact ?? any;
		from = end;
		if (exact && any) {
			branches ??= [];
			offsets ??= [];
			branches.push(any);
			offsets.push(from);
		} else if (!level && branches) {
			level = branches.pop();
			from = offsets!.pop() ?? 0;
		}
	}
	return count;
}

function call<Handler, Context>(
	handlers: Handler | Handler[] | undefined,
	visit: (handler: Handler, context: Context) => void,
	context: Context,
): number {
	if (handlers === undefined) return 0;
	if (!Array.isArray(handlers)) {
		visit(handlers, context);
		return 1;
	}
	// A handler may add or remove handlers: those that were there at the start are called.
	for (const handler of handlers.slice()) visit(handler, context);
	return handlers.length;
}
