import { invalid, MQTTError } from "./error";
import {
	AUTH,
	CONNACK,
	DISCONNECT,
	PUBACK,
	PUBCOMP,
	PUBREC,
	PUBREL,
	packetNames,
	SUBACK,
	UNSUBACK,
	type Version,
} from "./types";

// MQTT 5.0 §2.4: the reason codes that are used here.
export const SUCCESS = 0;
export const MALFORMED = 0x81;
export const PROTOCOL_ERROR = 0x82;
export const UNSUPPORTED_VERSION = 0x84;
export const TOPIC_NAME_INVALID = 0x90;
export const TOPIC_ALIAS_INVALID = 0x94;
export const PACKET_TOO_LARGE = 0x95;

interface Reason {
	readonly name: string;
	/** Packets in which a server sends it, a bit for each type. */
	readonly received: number;
	/** Packets in which a client sends it. */
	readonly sent: number;
}

const ack = (1 << PUBACK) | (1 << PUBREC);
const release = (1 << PUBREL) | (1 << PUBCOMP);
const connack = 1 << CONNACK;
const suback = 1 << SUBACK;
const unsuback = 1 << UNSUBACK;
const disconnect = 1 << DISCONNECT;
const auth = 1 << AUTH;

function reason(name: string, received: number, sent = received & (ack | release)): Reason {
	return Object.freeze({ name, received, sent });
}

/** Those below 0x80: they stand for success. */
const successes: Readonly<Record<number, Reason>> = Object.freeze({
	0: reason("success", connack | ack | release | suback | unsuback | disconnect | auth, ack | release | disconnect),
	1: reason("granted QoS 1", suback),
	2: reason("granted QoS 2", suback),
	4: reason("disconnect with will message", 0, disconnect),
	16: reason("no matching subscribers", ack, 0),
	17: reason("no subscription existed", unsuback),
	24: reason("continue authentication", auth, auth),
	25: reason("re-authenticate", 0, auth),
});

/** Those from 0x80 on. */
const failures: readonly Reason[] = Object.freeze([
	reason("unspecified error", connack | ack | suback | unsuback | disconnect, ack | disconnect),
	reason("malformed packet", connack | disconnect, disconnect),
	reason("protocol error", connack | disconnect, disconnect),
	reason("implementation specific error", connack | ack | suback | unsuback | disconnect, ack | disconnect),
	reason("unsupported protocol version", connack),
	reason("client identifier not valid", connack),
	reason("bad user name or password", connack),
	reason("not authorized", connack | ack | suback | unsuback | disconnect),
	reason("server unavailable", connack),
	reason("server busy", connack | disconnect),
	reason("banned", connack),
	reason("server shutting down", disconnect),
	reason("bad authentication method", connack | disconnect),
	reason("keep alive timeout", disconnect),
	reason("session taken over", disconnect),
	reason("topic filter invalid", suback | unsuback | disconnect),
	reason("topic name invalid", connack | ack | disconnect, ack | disconnect),
	reason("packet identifier in use", ack | suback | unsuback),
	reason("packet identifier not found", release),
	reason("receive maximum exceeded", disconnect, disconnect),
	reason("topic alias invalid", disconnect, disconnect),
	reason("packet too large", connack | disconnect, disconnect),
	reason("message rate too high", disconnect, disconnect),
	reason("quota exceeded", connack | ack | suback | disconnect, ack | disconnect),
	reason("administrative action", disconnect, disconnect),
	reason("payload format invalid", connack | ack | disconnect, ack | disconnect),
	reason("retain not supported", connack | disconnect),
	reason("QoS not supported", connack | disconnect),
	reason("use another server", connack | disconnect),
	reason("server moved", connack | disconnect),
	reason("shared subscriptions not supported", suback | disconnect),
	reason("connection rate exceeded", connack | disconnect),
	reason("maximum connect time", disconnect),
	reason("subscription identifiers not supported", suback | disconnect),
	reason("wildcard subscriptions not supported", suback | disconnect),
]);

function find(code: number): Reason | undefined {
	return code < 0x80 ? successes[code] : failures[code - 0x80];
}

/** What a reason code says (MQTT 5.0 §2.4), such as "not authorized". Those of SUBACK and DISCONNECT below 0x80 have names of their own. */
export function reasonName(code: number, type: number): string {
	if (code === 0) {
		if (type === SUBACK) return "granted QoS 0";
		if (type === DISCONNECT) return "normal disconnection";
	}
	return find(code)?.name ?? "unknown reason";
}

/** May a server (or, with `sent`, a client) send this reason code in a packet of this type? */
export function isReason(code: number, type: number, sent = false): boolean {
	const found = find(code);
	return found !== undefined && (((sent ? found.sent : found.received) >> type) & 1) === 1;
}

/** The clause on the reason codes of a packet type. */
function reasonClause(type: number): string {
	if (type === CONNACK) return "MQTT-3.2.2-8";
	return `MQTT-3.${type}.${type === SUBACK || type === UNSUBACK ? "3-2" : "2-1"}`;
}

function hex(code: number): string {
	return `0x${code.toString(16).padStart(2, "0")}`;
}

/** @throws MQTTError `invalid` unless a client may send this reason code in a packet of this type */
export function checkReason(code: number, type: number): void {
	if (!isReason(code, type, true))
		invalid(`${packetNames[type]}: reason code ${code} is not for a client to send`, reasonClause(type));
}

/** What is wrong with a packet of a server that carries this reason code. */
export function wrongReason(code: number, type: number): MQTTError {
	const message = `${packetNames[type]}: reason code ${hex(code)}`;
	return new MQTTError("protocol", message, reasonClause(type), PROTOCOL_ERROR);
}

/** An error of what a server sent; in 5.0 with the reason code that the client disconnects with. */
export function fault(version: Version, reasonCode: number, message: string, clause: string): MQTTError {
	const code = reasonCode === MALFORMED ? "malformed" : "protocol";
	return new MQTTError(code, message, clause, version === 5 ? reasonCode : undefined);
}
