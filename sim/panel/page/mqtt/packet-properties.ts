import type { ByteReader } from "./byte-reader";

type Kind = "byte" | "two" | "four" | "variable" | "text" | "pair";

/** Properties of MQTT 5 by their identifier (MQTT-2.2.2.2). */
const PROPERTIES: Readonly<Record<number, readonly [name: string, kind: Kind]>> = {
	1: ["payload format", "byte"],
	2: ["message expiry interval", "four"],
	3: ["content type", "text"],
	8: ["response topic", "text"],
	9: ["correlation data", "text"],
	11: ["subscription identifier", "variable"],
	17: ["session expiry interval", "four"],
	18: ["assigned client identifier", "text"],
	19: ["server keep alive", "two"],
	21: ["authentication method", "text"],
	22: ["authentication data", "text"],
	23: ["request problem information", "byte"],
	24: ["will delay interval", "four"],
	25: ["request response information", "byte"],
	26: ["response information", "text"],
	28: ["server reference", "text"],
	31: ["reason string", "text"],
	33: ["receive maximum", "two"],
	34: ["topic alias maximum", "two"],
	35: ["topic alias", "two"],
	36: ["maximum QoS", "byte"],
	37: ["retain available", "byte"],
	38: ["user property", "pair"],
	39: ["maximum packet size", "four"],
	40: ["wildcard subscription available", "byte"],
	41: ["subscription identifiers available", "byte"],
	42: ["shared subscription available", "byte"],
};

/** Reads the properties of a packet: their length, then each one. */
export function readProperties(reader: ByteReader): void {
	const length = reader.variable("properties", "property length");
	const end = reader.position + length;
	while (reader.position < end) {
		const [name, kind] = PROPERTIES[reader.peek()] ?? ["?", undefined];
		reader.byte("properties", "property", (value) => `${value} (${name})`);
		if (kind === "byte") reader.byte("properties", name);
		else if (kind === "two") reader.two("properties", name);
		else if (kind === "four") reader.four("properties", name);
		else if (kind === "variable") reader.variable("properties", name);
		else if (kind === "text") reader.text("properties", name);
		else if (kind === "pair") {
			reader.text("properties", `${name}: name`);
			reader.text("properties", `${name}: value`);
		} else reader.rest("properties", "?", end);
	}
}
