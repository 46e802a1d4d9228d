import { ByteReader, type Field } from "./byte-reader";
import { readProperties } from "./packet-properties";

export type { Field } from "./byte-reader";

const TYPES = [
	"",
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
];

/**
 * Names the bytes of an MQTT control packet, 3.1.1 (`version` 4) or 5. Of a packet that was cut, as far as the bytes go;
 * bytes that make no sense are one field called `?`.
 */
export function fieldsOf(bytes: Uint8Array, version: number): Field[] {
	const reader = new ByteReader(bytes);
	try {
		readPacket(reader, version);
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		reader.rest("payload", "…");
	}
	return reader.fields;
}

function readPacket(reader: ByteReader, version: number): void {
	const first = reader.peek();
	const type = TYPES[first >> 4] ?? "";
	const flags = first & 15;
	const said = type === "PUBLISH" ? `, DUP ${flags >> 3}, QoS ${(flags >> 1) & 3}, RETAIN ${flags & 1}` : "";
	reader.byte("control", "type and flags", () => `${type || "reserved"}${said}`);
	const length = reader.variable("remaining", "remaining length");
	const end = reader.position + length;
	const five = version === 5;
	switch (type) {
		case "CONNECT":
			readConnect(reader);
			break;
		case "CONNACK":
			reader.byte("header", "acknowledge flags", (value) => `session present ${value & 1}`);
			reader.byte("header", five ? "reason code" : "return code", code);
			if (five) readProperties(reader);
			break;
		case "PUBLISH":
			reader.text("header", "topic");
			if (((flags >> 1) & 3) > 0) reader.two("header", "packet identifier");
			if (five) readProperties(reader);
			reader.rest("payload", "payload", end);
			break;
		case "PUBACK":
		case "PUBREC":
		case "PUBREL":
		case "PUBCOMP":
			reader.two("header", "packet identifier");
			if (reader.position < end) reader.byte("header", "reason code", code);
			if (reader.position < end) readProperties(reader);
			break;
		case "SUBSCRIBE":
			reader.two("header", "packet identifier");
			if (five) readProperties(reader);
			while (reader.position < end) {
				reader.text("payload", "topic filter");
				reader.byte(
					"payload",
					"options",
					(value) =>
						`QoS ${value & 3}${five ? `, no local ${(value >> 2) & 1}, retain as published ${(value >> 3) & 1}, retain handling ${(value >> 4) & 3}` : ""}`,
				);
			}
			break;
		case "UNSUBSCRIBE":
			reader.two("header", "packet identifier");
			if (five) readProperties(reader);
			while (reader.position < end) reader.text("payload", "topic filter");
			break;
		case "SUBACK":
		case "UNSUBACK":
			reader.two("header", "packet identifier");
			if (five) readProperties(reader);
			while (reader.position < end)
				reader.byte("payload", five ? "reason code" : "return code", (value) =>
					value < 3 ? `QoS ${value}` : code(value),
				);
			break;
		default:
			if (reader.position < end) reader.byte("header", "reason code", code);
			if (reader.position < end) readProperties(reader);
	}
	if (reader.position < Math.min(end, reader.length)) reader.rest("payload", "?", end);
}

function readConnect(reader: ByteReader): void {
	reader.text("header", "protocol name");
	const version = reader.byte("header", "protocol version", (value) => (value === 4 ? "4 (3.1.1)" : String(value)));
	const flags = reader.byte(
		"header",
		"connect flags",
		(value) =>
			`${
				[
					value & 0x80 && "user name",
					value & 0x40 && "password",
					value & 4 && `will (QoS ${(value >> 3) & 3}${value & 0x20 ? ", retained" : ""})`,
					value & 2 && (version === 5 ? "clean start" : "clean session"),
				]
					.filter(Boolean)
					.join(", ") || "none"
			}`,
	);
	reader.two("header", "keep alive", (value) => `${value} s`);
	if (version === 5) readProperties(reader);
	reader.text("payload", "client identifier");
	if (flags & 4) {
		if (version === 5) readProperties(reader);
		reader.text("payload", "will topic");
		reader.text("payload", "will message");
	}
	if (flags & 0x80) reader.text("payload", "user name");
	// A screen is no place for it.
	if (flags & 0x40) reader.text("payload", "password", () => "••••");
}

function code(value: number): string {
	return value === 0 ? "0 (success)" : `${value} (0x${value.toString(16).padStart(2, "0")})`;
}
