// MQTT 3.1.1 §2.2.1, MQTT 5.0 §2.1.2: control packet types.
export const CONNECT = 1;
export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const PUBREC = 5;
export const PUBREL = 6;
export const PUBCOMP = 7;
export const SUBSCRIBE = 8;
export const SUBACK = 9;
export const UNSUBSCRIBE = 10;
export const UNSUBACK = 11;
export const PINGREQ = 12;
export const PINGRESP = 13;
export const DISCONNECT = 14;
/** MQTT 5.0 only. */
export const AUTH = 15;

/** 4 is MQTT 3.1.1, as its CONNECT says it. */
export type Version = 4 | 5;

/** MQTT 3.1.1 §4.3 */
export type QoS = 0 | 1 | 2;

/** Names of the packet types, by type. */
export const packetNames: readonly string[] = Object.freeze([
	"reserved type 0",
	"CONNECT",
	"CONNACK",
	"PUBLISH",
	"PUBACK",
	"PUBREC",
	"PUBREL",
	"PUBCOMP",
	"SUBSCRIBE",
	"SUBACK",
	"UNSUBSCRIBE",
	"UNSUBACK",
	"PINGREQ",
	"PINGRESP",
	"DISCONNECT",
	"AUTH",
]);

/** Why a server refused a connection, by CONNACK return code (MQTT 3.1.1 §3.2.2.3). */
export const refusals: readonly string[] = Object.freeze([
	"accepted",
	"unacceptable protocol version",
	"client identifier rejected",
	"server unavailable",
	"bad user name or password",
	"not authorized",
]);
