import type { PacketView } from "../../protocol";

/** What the other side answers to a packet. */
const NEXT: Readonly<Record<string, string>> = {
	CONNECT: "CONNACK",
	SUBSCRIBE: "SUBACK",
	UNSUBSCRIBE: "UNSUBACK",
	PINGREQ: "PINGRESP",
	PUBREC: "PUBREL",
	PUBREL: "PUBCOMP",
};

/** The packets of an exchange, in order; `waitingFor` is what has not come yet. */
export interface Exchange {
	readonly packets: readonly PacketView[];
	readonly waitingFor?: string;
}

/** What answers a packet; undefined: nothing does. */
function next({ type, message }: PacketView): string | undefined {
	if (type !== "PUBLISH") return NEXT[type];
	if (message?.qos === 1) return "PUBACK";
	return message?.qos === 2 ? "PUBREC" : undefined;
}

/** The exchange that a packet belongs to, among the packets that are known: PUBLISH, PUBREC, PUBREL, PUBCOMP, for one. */
export function exchangeOf(packet: PacketView, packets: readonly PacketView[]): Exchange {
	const same = packets.filter(({ connection }) => connection === packet.connection);
	const chain = [packet];
	for (let first = before(packet, same); first; first = before(first, same)) chain.unshift(first);
	for (;;) {
		const last = chain.at(-1)!;
		const answer = next(last);
		if (!answer) return { packets: chain };
		const found = same.find((other) => other.number > last.number && answers(last, other));
		if (!found) return { packets: chain, waitingFor: answer };
		chain.push(found);
	}
}

function before(packet: PacketView, packets: readonly PacketView[]): PacketView | undefined {
	return packets.findLast((other) => other.number < packet.number && answers(other, packet));
}

function answers(first: PacketView, second: PacketView): boolean {
	const answer = next(first);
	return (
		answer !== undefined && second.type === answer && second.id === first.id && second.direction !== first.direction
	);
}
