import { invalid } from "./error";
import { encodeString } from "./text";
import type { Version } from "./types";

/**
 * The bytes of a topic name, as a PUBLISH carries it.
 *
 * @throws MQTTError `invalid`: empty, longer than 65,535 bytes, a wildcard, U+0000 or a lone surrogate (§4.7)
 */
export function encodeTopic(topic: string, version: Version = 4): Uint8Array {
	const bytes = encodeString(topic, "topic", version);
	if (bytes.length === 0) invalid("topic: is empty", "MQTT-4.7.3-1");
	if (topic.includes("+") || topic.includes("#")) invalid(`topic "${topic}": contains a wildcard`, "MQTT-3.3.2-2");
	return bytes;
}

/**
 * The bytes of a topic filter, as a SUBSCRIBE carries it.
 *
 * @throws MQTTError `invalid`: empty, longer than 65,535 bytes, a misplaced wildcard, U+0000 or a lone surrogate (§4.7);
 * in 5.0 also a shared subscription that names no group or no filter (MQTT 5.0 §4.8.2)
 */
export function encodeFilter(filter: string, version: Version = 4): Uint8Array {
	const bytes = encodeString(filter, "filter", version);
	const length = bytes.length;
	if (length === 0) invalid("filter: is empty", "MQTT-4.7.3-1");
	for (let at = 0; at < length; at++) {
		const byte = bytes[at]!;
		if (byte !== 0x23 && byte !== 0x2b) continue;
		const alone = (at === 0 || bytes[at - 1] === 0x2f) && (at === length - 1 || bytes[at + 1] === 0x2f);
		if (byte === 0x2b) {
			if (!alone)
				wrongFilter(filter, '"+" must be a level of its own', version === 5 ? "MQTT-4.7.1-2" : "MQTT-4.7.1-3");
		} else {
			const clause = version === 5 ? "MQTT-4.7.1-1" : "MQTT-4.7.1-2";
			if (!alone) wrongFilter(filter, '"#" must be a level of its own', clause);
			if (at !== length - 1) wrongFilter(filter, '"#" must be the last level', clause);
		}
	}
	if (version === 5 && filter.startsWith("$share")) checkShared(filter);
	return bytes;
}

/** Is it a shared subscription, `$share/<group>/<filter>` (MQTT 5.0 §4.8.2)? */
export function isShared(filter: string): boolean {
	return filter.startsWith("$share/");
}

function checkShared(filter: string): void {
	const start = filter === "$share" ? 0 : "$share/".length;
	if (start > 0 && !isShared(filter)) return;
	const end = filter.indexOf("/", start);
	if (start === 0 || end === start || filter.length === start)
		wrongFilter(filter, "a shared subscription needs a group", "MQTT-4.8.2-1");
	const group = end < 0 ? filter : filter.slice(start, end);
	if (group.includes("+") || group.includes("#"))
		wrongFilter(filter, "a wildcard in the name of the group", "MQTT-4.8.2-2");
	if (end < 0 || end === filter.length - 1) wrongFilter(filter, "a shared subscription needs a filter", "MQTT-4.8.2-2");
}

function wrongFilter(filter: string, message: string, clause: string): never {
	invalid(`filter "${filter}": ${message}`, clause);
}
