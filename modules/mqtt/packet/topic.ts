import { invalid } from "./error";
import { encodeString } from "./text";

/**
 * The bytes of a topic name, as a PUBLISH carries it.
 *
 * @throws MQTTError `invalid`: empty, longer than 65,535 bytes, a wildcard, U+0000 or a lone surrogate (MQTT 3.1.1 §4.7)
 */
export function encodeTopic(topic: string): Uint8Array {
	const bytes = encodeString(topic, "topic");
	if (bytes.length === 0) invalid("topic: is empty", "MQTT-4.7.3-1");
	if (topic.includes("+") || topic.includes("#")) invalid(`topic "${topic}": contains a wildcard`, "MQTT-3.3.2-2");
	return bytes;
}

/**
 * The bytes of a topic filter, as a SUBSCRIBE carries it.
 *
 * @throws MQTTError `invalid`: empty, longer than 65,535 bytes, a misplaced wildcard, U+0000 or a lone surrogate (MQTT 3.1.1 §4.7)
 */
export function encodeFilter(filter: string): Uint8Array {
	const bytes = encodeString(filter, "filter");
	const length = bytes.length;
	if (length === 0) invalid("filter: is empty", "MQTT-4.7.3-1");
	for (let at = 0; at < length; at++) {
		const byte = bytes[at]!;
		if (byte !== 0x23 && byte !== 0x2b) continue;
		if (at > 0 && bytes[at - 1] !== 0x2f) {
			if (byte === 0x23) invalid(`filter "${filter}": "#" must be a level of its own`, "MQTT-4.7.1-2");
			invalid(`filter "${filter}": "+" must be a level of its own`, "MQTT-4.7.1-3");
		}
		if (byte === 0x23) {
			if (at !== length - 1) invalid(`filter "${filter}": "#" must be the last level`, "MQTT-4.7.1-2");
		} else if (at !== length - 1 && bytes[at + 1] !== 0x2f) {
			invalid(`filter "${filter}": "+" must be a level of its own`, "MQTT-4.7.1-3");
		}
	}
	return bytes;
}
