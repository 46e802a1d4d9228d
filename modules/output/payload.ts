import type { IncomingMessage } from "../node/messenger";

/** An order or the arguments of a command may take so many bytes. */
export const LONGEST_PAYLOAD = 512;
/** Objects and arrays in JSON may be nested so deep: deeper ones cost the engine's stack. */
const DEEPEST_JSON = 4;

/** The text of an order. Throws when it is retained, too long or not UTF-8. */
export function orderText(message: IncomingMessage): string {
	const { payload } = message;
	if (message.retain)
		throw new Error("refused, it is a retained message: an old order must not be obeyed at every boot");
	if (payload.byteLength > LONGEST_PAYLOAD)
		throw new Error(`payload of ${payload.byteLength} bytes is longer than ${LONGEST_PAYLOAD}`);
	if (payload.byteLength === 0) return "";
	let text: string;
	try {
		text = String.fromArrayBuffer(payload.buffer as ArrayBuffer, payload.byteOffset, payload.byteLength);
	} catch {
		throw new Error("payload is not UTF-8");
	}
	return text.trim();
}

/** The members of a JSON object. Throws on anything else, and on deep nesting. */
export function jsonObject(text: string): Record<string, unknown> {
	if (depthOf(text) > DEEPEST_JSON) throw new Error(`JSON is nested deeper than ${DEEPEST_JSON}`);
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new Error(`${quote(text)} is not valid JSON`);
	}
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw new Error(`${quote(text)} is not a JSON object`);
	return value as Record<string, unknown>;
}

/** A piece of what arrived, as an error message shows it. */
export function quote(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
	if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
	return String(value);
}

function depthOf(text: string): number {
	let depth = 0;
	let deepest = 0;
	let quoted = false;
	for (let i = 0; i < text.length; i++) {
		const character = text.charAt(i);
		if (character === "\\" && quoted) i += 1;
		else if (character === '"') quoted = !quoted;
		else if (quoted) continue;
		else if (character === "{" || character === "[") {
			depth += 1;
			if (depth > deepest) deepest = depth;
		} else if (character === "}" || character === "]") depth -= 1;
	}
	return deepest;
}
