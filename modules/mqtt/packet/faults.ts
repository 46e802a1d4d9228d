import type { MQTTError } from "./error";
import { fault, MALFORMED, PROTOCOL_ERROR, TOPIC_NAME_INVALID } from "./reasons";
import { checkText } from "./text";
import {
	AUTH,
	CONNECT,
	DISCONNECT,
	PINGREQ,
	PUBLISH,
	PUBREL,
	packetNames,
	SUBACK,
	SUBSCRIBE,
	UNSUBACK,
	UNSUBSCRIBE,
	type Version,
} from "./types";

/** The flags of PUBLISH that are allowed, a bit each: not QoS 3, and no DUP at QoS 0. */
const goodFlags = 0b0011_1100_0011_1111;

/** Can a PUBLISH begin so? */
export function isGoodPublish(first: number): boolean {
	return first === 0x30 || ((goodFlags >> (first & 15)) & 1) === 1;
}

/** The types that a server of MQTT 3.1.1 sends beside PUBLISH and PUBREL, a bit each: their flags are 0. */
const plainTypes = 0b0010_1010_1011_0100;

/** Does a control packet that a server sends begin so? False for DISCONNECT and AUTH of 5.0: ask `faultOfFirst` about these. */
export function isControl(first: number): boolean {
	return first === 0x62 || ((first & 15) === 0 && ((plainTypes >> (first >> 4)) & 1) === 1);
}

/** What is wrong with a packet of a server that begins so; `undefined` when it can. */
export function faultOfFirst(first: number, version: Version): MQTTError | undefined {
	const type = first >> 4;
	const flags = first & 15;
	const name = packetNames[type]!;
	if (type === PUBLISH) {
		if ((goodFlags >> flags) & 1) return undefined;
		if ((flags & 6) === 6) return fault(version, MALFORMED, "PUBLISH: QoS 3", "MQTT-3.3.1-4");
		return fault(version, MALFORMED, "PUBLISH: DUP at QoS 0", "MQTT-3.3.1-2");
	}
	if (type === 0 || (type === AUTH && version === 4))
		return fault(version, MALFORMED, `reserved type ${type}`, version === 5 ? "MQTT-2.1.2" : "MQTT-2.2.1");
	if (flags !== (type === PUBREL || type === SUBSCRIBE || type === UNSUBSCRIBE ? 2 : 0))
		return fault(version, MALFORMED, `${name}: reserved flags ${flags}`, flagsClause(type, version));
	switch (type) {
		case DISCONNECT:
			if (version === 5) return undefined;
			break;
		case CONNECT:
		case SUBSCRIBE:
		case UNSUBSCRIBE:
		case PINGREQ:
			break;
		default:
			return undefined;
	}
	return fault(version, PROTOCOL_ERROR, `${name} from a server`, version === 5 ? "MQTT-2.1.2" : "MQTT-4.8.0-1");
}

function flagsClause(type: number, version: Version): string {
	if (version === 4) return "MQTT-2.2.2-2";
	return type === PUBREL || type === DISCONNECT || type === AUTH ? `MQTT-3.${type}.1-1` : "MQTT-2.1.3-1";
}

/** A packet identifier 0 in a packet of a server. */
export function faultOfId(type: number, version: Version): MQTTError {
	let clause = "MQTT-2.3.1-1";
	if (version === 5) clause = `MQTT-2.2.1-${type === PUBLISH ? 4 : type === SUBACK || type === UNSUBACK ? 6 : 5}`;
	return fault(version, MALFORMED, `${packetNames[type]}: packet identifier 0`, clause);
}

/**
 * The topic of a PUBLISH, `bytes[start..start + length)`.
 *
 * @param topic what `String.fromArrayBuffer` makes of these bytes, `undefined` when it refuses them
 * @throws MQTTError: ill-formed UTF-8, U+0000 or a wildcard
 */
export function checkTopic(
	topic: string | undefined,
	bytes: Uint8Array,
	start: number,
	length: number,
	version: Version,
): string {
	const text = checkText(topic, bytes, start, length, PUBLISH, "topic", version);
	if (text.includes("+") || text.includes("#")) {
		const reasonCode = version === 5 ? TOPIC_NAME_INVALID : MALFORMED;
		throw fault(version, reasonCode, "PUBLISH: wildcard in the topic", "MQTT-3.3.2-2");
	}
	return text;
}
