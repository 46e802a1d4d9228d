import mqtt from "mqtt-packet";

type Packet = mqtt.Packet;

/** The bytes of a packet, made by the oracle. */
export function encode(packet: Partial<Packet> & { cmd: string }, version: 4 | 5 = 4): Uint8Array {
	const options = { protocolVersion: version };
	return new Uint8Array(mqtt.generate({ dup: false, qos: 0, retain: false, ...packet } as Packet, options));
}

/** The packets in some bytes, as the oracle reads them. */
// biome-ignore lint/suspicious/noExplicitAny: the oracle's packets are a union of twenty shapes
export function decode(bytes: Uint8Array, version: 4 | 5 = 4): any[] {
	const packets: unknown[] = [];
	const parser = mqtt.parser({ protocolVersion: version });
	parser.on("packet", (packet) => packets.push(packet));
	parser.on("error", (error) => {
		throw error;
	});
	const rest = parser.parse(Buffer.from(bytes));
	if (rest > 0) throw new Error(`${rest} bytes are no whole packet`);
	return packets;
}

/** A topic, filter or other string in the form that packets carry it. */
export function field(text: string | number[]): number[] {
	const bytes = typeof text === "string" ? [...new TextEncoder().encode(text)] : text;
	return [bytes.length >> 8, bytes.length & 255, ...bytes];
}

/** A length as packets carry it: a Variable Byte Integer. */
export function variable(length: number): number[] {
	return length < 128 ? [length] : [(length & 127) | 128, ...variable(length >> 7)];
}

/** A whole packet: its first byte, and what follows the remaining length. */
export function frame(first: number, ...body: (number | readonly number[])[]): number[] {
	const rest = body.flat();
	return [first, ...variable(rest.length), ...rest];
}
