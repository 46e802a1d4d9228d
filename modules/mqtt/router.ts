import { encodeFilter } from "./packet/topic";

/** One level of the trie. Members come into being when they are needed. */
class Level<Handler> {
	/** Handlers of filters that end here. */
	here: Handler[] | undefined = undefined;
	/** Handlers of filters whose next and last level is `#`. */
	rest: Handler[] | undefined = undefined;
	/** The next level is `+`. */
	any: Level<Handler> | undefined = undefined;
	/** The names of the next levels, and these: two arrays take less memory than a Map. */
	names: string[] | undefined = undefined;
	next: Level<Handler>[] | undefined = undefined;

	get empty(): boolean {
		return !this.here && !this.rest && !this.any && !this.next;
	}

	/** The next level of that name. */
	child(name: string): Level<Handler> | undefined {
		const index = this.names ? this.names.indexOf(name) : -1;
		return index < 0 ? undefined : this.next![index];
	}

	add(name: string): Level<Handler> {
		const level = new Level<Handler>();
		this.names ??= [];
		this.next ??= [];
		this.names.push(name);
		this.next.push(level);
		return level;
	}

	delete(name: string): void {
		const index = this.names!.indexOf(name);
		this.names!.splice(index, 1);
		this.next!.splice(index, 1);
		if (this.names!.length === 0) this.names = this.next = undefined;
	}
}

/**
 * Finds the handlers of a topic among filters with wildcards, by the rules of MQTT 3.1.1 §4.7: `+` is one level, also an empty
 * one; `#` is any number of levels, also none; neither at the front matches a topic that starts with `$`. A filter
 * `$share/<group>/<filter>` is routed as `<filter>`: so the broker delivers it.
 */
export class Router<Handler> {
	#root = new Level<Handler>();

	/**
	 * Adds a handler. The same one can be added to several filters, and is then called once for each that matches.
	 *
	 * @throws MQTTError `invalid`: not a valid filter
	 */
	on(filter: string, handler: Handler): void {
		encodeFilter(filter);
		let level = this.#root;
		const names = levelsOf(filter);
		for (let index = 0; index < names.length; index++) {
			const name = names[index]!;
			if (name === "#") {
				level.rest ??= [];
				level.rest.push(handler);
				return;
			}
			if (name === "+") {
				level.any ??= new Level<Handler>();
				level = level.any;
			} else level = level.child(name) ?? level.add(name);
		}
		level.here ??= [];
		level.here.push(handler);
	}

	/** Removes a handler from a filter (all of the filter's handlers when omitted); false when it was not there. */
	off(filter: string, handler?: Handler): boolean {
		return remove(this.#root, levelsOf(filter), 0, handler);
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

/** A loop, not a recursion: a topic of many levels must not cost the engine's stack. */
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
		const at: Level<Handler> = level;
		level = undefined;
		if (!system && at.rest) count += call(at.rest, visit, context);
		if (from > topic.length) {
			if (at.here) count += call(at.here, visit, context);
		} else if (at.next || at.any) {
			let end = topic.indexOf("/", from);
			if (end < 0) end = topic.length;
			const any = system ? undefined : at.any;
			if (at.next) level = at.child(topic.slice(from, end));
			from = end + 1;
			if (!level) level = any;
			else if (any) {
				branches ??= [];
				offsets ??= [];
				branches.push(any);
				offsets.push(from);
			}
		}
		system = false;
		if (!level && branches) {
			level = branches.pop();
			from = offsets!.pop() ?? 0;
		}
	}
	return count;
}

function call<Handler, Context>(
	handlers: Handler[],
	visit: (handler: Handler, context: Context) => void,
	context: Context,
): number {
	const count = handlers.length;
	if (count === 1) visit(handlers[0]!, context);
	// A handler may add or remove handlers: those that were there at the start are called.
	else for (const handler of handlers.slice()) visit(handler, context);
	return count;
}

function without<Handler>(handlers: Handler[] | undefined, handler: Handler | undefined): Handler[] | undefined {
	if (!handlers || handler === undefined) return undefined;
	const index = handlers.indexOf(handler);
	const rest = index < 0 ? handlers : handlers.filter((_, at) => at !== index);
	return rest.length > 0 ? rest : undefined;
}

function remove<Handler>(level: Level<Handler>, names: string[], at: number, handler: Handler | undefined): boolean {
	const name = names[at];
	if (name === undefined) {
		const before = level.here;
		level.here = without(before, handler);
		return before !== level.here;
	}
	if (name === "#") {
		const before = level.rest;
		level.rest = without(before, handler);
		return before !== level.rest;
	}
	const child = name === "+" ? level.any : level.child(name);
	if (!child || !remove(child, names, at + 1, handler)) return false;
	if (child.empty) {
		if (name === "+") level.any = undefined;
		else level.delete(name);
	}
	return true;
}
