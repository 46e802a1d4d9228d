import type { IncomingMessage } from "../node/messenger";

/** An order or the arguments of a command may take so many bytes. */
export const LONGEST_PAYLOAD = 512;
/** Objects and arrays in JSON may be nested so deep: deeper ones cost the engine's stack. */
const DEEPEST_JSON = 4;
/** So many values, those inside of others included: each takes many times the memory of its text. */
const MOST_VALUES = 32;

/** The text of an order of at most `longest` bytes. Throws when it is retained, too long or not UTF-8. */
export function orderText(message: IncomingMessage, longest = LONGEST_PAYLOAD): string {
	const { payload } = message;
	if (message.retain)
		throw new Error("refused, it is a retained message: an old order must not be obeyed at every boot");
	if (payload.byteLength > longest) throw new Error(`payload of ${payload.byteLength} bytes is longer than ${longest}`);
	if (payload.byteLength === 0) return "";
	let text: string;
	try {
		text = String.fromArrayBuffer(payload.buffer as ArrayBuffer, payload.byteOffset, payload.byteLength);
	} catch {
		throw new Error("payload is not UTF-8");
	}
	return text.trim();
}

/** A JSON object that arrived. */
export interface JsonObject {
	readonly members: Readonly<Record<string, unknown>>;
	/** The first name that is not among those asked for. */
	readonly unknown: string | undefined;
}

/**
 * Reads a JSON object. Only the members in `names` come into being, and inside of them only those in `inner`: XS never
 * forgets a name that a property once had, so names of a stranger's choice would fill the memory for good.
 * Throws on what is no JSON object, on deep nesting, and on very many values.
 */
export function jsonObject(text: string, names: readonly string[], inner: readonly string[] = []): JsonObject {
	const { deepest, values, unknown } = inspect(text, names);
	if (deepest > DEEPEST_JSON) throw new Error(`JSON is nested deeper than ${DEEPEST_JSON}`);
	if (values > MOST_VALUES) throw new Error(`JSON has more than ${MOST_VALUES} values`);
	let value: unknown;
	try {
		// Beyond the language: XS leaves out what a list of names in place of a reviver does not have.
		value = JSON.parse(text, [...names, ...inner] as never);
	} catch {
		throw new Error(`${quote(text)} is not valid JSON`);
	}
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw new Error(`${quote(text)} is not a JSON object`);
	return { members: value as Record<string, unknown>, unknown };
}

/** A piece of what arrived, as an error message shows it. */
export function quote(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
	if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
	return String(value);
}

interface Inspected {
	/** How deep objects and arrays are nested. */
	deepest: number;
	/** At most so many values come of it. */
	values: number;
	/** The first name of the outermost object that is not among those asked for. */
	unknown: string | undefined;
}

/** Looks at a JSON text without making anything of it. */
function inspect(text: string, names: readonly string[]): Inspected {
	const found: Inspected = { deepest: 0, values: 1, unknown: undefined };
	let depth = 0;
	let quoted = false;
	let start = 0;
	let naming = false;
	for (let i = 0; i < text.length; i++) {
		const character = text.charAt(i);
		if (character === "\\" && quoted) i += 1;
		else if (character === '"') {
			quoted = !quoted;
			if (quoted) start = i + 1;
			else if (naming) {
				naming = false;
				const name = text.slice(start, i);
				if (!names.includes(name)) found.unknown ??= name;
			}
		} else if (quoted) continue;
		else if (character === "{" || character === "[" || character === ",") {
			found.values += 1;
			if (character !== ",") depth += 1;
			if (depth > found.deepest) found.deepest = depth;
			naming = depth === 1;
		} else if (character === "}" || character === "]") depth -= 1;
	}
	return found;
}
