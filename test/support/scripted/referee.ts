/**
 * Watches everything that a client sends, in every test, for what no client may do at any time. It is lenient with the
 * broker, which may misbehave as the test wants.
 */
import assert from "node:assert/strict";
import { fieldsOf, isText } from "./fields";
import { hex, type Sendable, type Version, type WirePacket } from "./wire";

/** The rules, with their clauses in MQTT 3.1.1 and 5.0. */
const rules = {
	first: ["MQTT-3.1.0-1", "MQTT-3.1.0-1"],
	once: ["MQTT-3.1.0-2", "MQTT-3.1.0-2"],
	flags: ["MQTT-2.2.2-1", "MQTT-2.1.3-1"],
	text: ["MQTT-1.5.3-1", "MQTT-1.5.4-1"],
	nul: ["MQTT-1.5.3-2", "MQTT-1.5.4-2"],
	id: ["MQTT-2.3.1-1", "MQTT-2.2.1-3"],
	unused: ["MQTT-2.3.1-2", "MQTT-2.2.1-3"],
	sameId: ["MQTT-2.3.1-3", "MQTT-4.4.0-1"],
	noId: ["MQTT-2.3.1-5", "MQTT-2.2.1-2"],
	dup: ["MQTT-3.3.1-1", "MQTT-3.3.1-1"],
	dup0: ["MQTT-3.3.1-2", "MQTT-3.3.1-2"],
	wildcard: ["MQTT-3.3.2-2", "MQTT-3.3.2-2"],
	pubackOrder: ["MQTT-4.6.0-2", "MQTT-4.6.0-2"],
	pubrecOrder: ["MQTT-4.6.0-3", "MQTT-4.6.0-3"],
	pubrelOrder: ["MQTT-4.6.0-4", "MQTT-4.6.0-4"],
	pubcomp: ["MQTT-4.3.3-2", "MQTT-4.3.3-11"],
	last: ["MQTT-3.14.4-2", "MQTT-3.14.4-1"],
	resend: ["MQTT-4.4.0-1", "MQTT-4.4.0-1"],
	order: ["MQTT-4.6.0-1", "MQTT-4.6.0-1"],
	pubrel: ["MQTT-4.3.3-1", "MQTT-4.3.3-6"],
	early: ["MQTT-3.1.4-5", "MQTT-3.1.2-30"],
	receiveMaximum: ["", "MQTT-3.3.4-7"],
	packetSize: ["", "MQTT-3.2.2-15"],
	alias: ["", "MQTT-3.2.2-17"],
	QoS: ["", "MQTT-3.2.2-11"],
	retain: ["", "MQTT-3.2.2-14"],
	subscriptionIdentifier: ["", "MQTT-3.3.4-6"],
	auth: ["", "MQTT-4.12.0-7"],
} as const;
type Rule = keyof typeof rules;

/** A packet of the client that waits for its acknowledgement, in this session of the broker's. */
interface InFlight {
	readonly cmd: string;
	/** Without DUP and without what belongs to one connection, such as topic aliases. */
	readonly content: string;
	readonly order: number;
	/** The connection on which it went out last. */
	connection: number;
	released: boolean;
}

export class Referee {
	readonly violations: string[] = [];
	readonly inFlight = new Map<number, InFlight>();
	readonly version: Version;
	order = 0;
	#connections = 0;

	constructor(version: Version) {
		this.version = version;
	}

	connection(): Watch {
		return new Watch(this, ++this.#connections);
	}

	fault(rule: Rule, what: string): void {
		this.violations.push(`${rules[rule][this.version - 4]}: ${what}`);
	}

	/** @throws AssertionError with what was against the rules */
	verify(): void {
		assert.deepEqual(this.violations, []);
	}
}

/** Watches one connection. */
class Watch {
	readonly #referee: Referee;
	readonly #number: number;
	#heard = 0;
	#over = false;
	#connected = false;
	/** The broker sent bytes that may be anything: what they called for is unknown. */
	#blind = false;
	#method: unknown;
	/** Acknowledgements that are due, in order, by kind. */
	readonly #due: Record<string, number[]> = { puback: [], pubrec: [], pubrel: [], pubcomp: [] };
	/** Where in the order of sending the last message stands that was sent again. */
	#resent = -1;
	// biome-ignore lint/suspicious/noExplicitAny: properties of MQTT 5
	#limits: Record<string, any> = {};

	constructor(referee: Referee, number: number) {
		this.#referee = referee;
		this.#number = number;
	}

	heard(packet: WirePacket): void {
		const { cmd, flags } = packet;
		const { version } = this.#referee;
		if (this.#heard++ === 0) this.#check(cmd === "connect", "first", `${cmd} before CONNECT`);
		else this.#check(cmd !== "connect", "once", "CONNECT twice");
		this.#check(!this.#over, "last", `${cmd} after DISCONNECT`);
		if (cmd === "disconnect") this.#over = true;
		else if (!this.#connected && cmd !== "connect" && cmd !== "auth")
			this.#referee.fault("early", `${cmd} before CONNACK`);
		const fixed = cmd === "pubrel" || cmd === "subscribe" || cmd === "unsubscribe" ? 2 : 0;
		this.#check(cmd === "publish" || flags === fixed, "flags", `${cmd} with flags ${flags}`);
		for (const field of fieldsOf(packet, version)) {
			this.#check(isText(field), "text", `${cmd}: ${hex(field)} is not UTF-8`);
			this.#check(!field.includes(0), "nul", `${cmd}: U+0000`);
		}
		const { maximumPacketSize = Number.POSITIVE_INFINITY } = this.#limits;
		this.#check(packet.bytes.length <= maximumPacketSize, "packetSize", `${cmd} of ${packet.bytes.length} bytes`);
		if (cmd === "connect") this.#connect(packet);
		else if (cmd === "publish") this.#publish(packet);
		else if (cmd === "subscribe" || cmd === "unsubscribe") this.#fresh(packet);
		else if (cmd === "pubrel") this.#pubrel(packet);
		else if (cmd === "puback" || cmd === "pubrec" || cmd === "pubcomp") this.#acknowledges(packet);
		else if (cmd === "auth") this.#check(this.#method !== undefined, "auth", "AUTH without a method in CONNECT");
	}

	#connect({ bytes, ...packet }: WirePacket): void {
		this.#method = packet["properties"]?.authenticationMethod;
		const flags = bytes[bytes.indexOf(0x4d) + 5]!;
		this.#check((flags & 1) === 0, "flags", `CONNECT: connect flags ${flags}`);
		if (packet["clean"]) this.#referee.inFlight.clear();
	}

	#publish(packet: WirePacket): void {
		const { qos, dup, topic, messageId, retain, properties } = packet;
		this.#check(!/[+#]/.test(topic), "wildcard", `PUBLISH to ${topic}`);
		const { maximumQoS = 2, retainAvailable = true, topicAliasMaximum = 0 } = this.#limits;
		if (this.#referee.version === 5) {
			this.#check(qos <= maximumQoS, "QoS", `PUBLISH at QoS ${qos}`);
			this.#check(retainAvailable || !retain, "retain", "PUBLISH with RETAIN");
			const alias = properties?.topicAlias ?? 0;
			this.#check(alias <= topicAliasMaximum, "alias", `topic alias ${alias}`);
			this.#check(properties?.subscriptionIdentifier === undefined, "subscriptionIdentifier", "in PUBLISH");
		}
		if (qos === 0) {
			this.#check(!dup, "dup0", "DUP at QoS 0");
			this.#check(messageId === undefined, "noId", "identifier at QoS 0");
			return;
		}
		if (dup) this.#again(packet);
		else this.#fresh(packet);
		let count = 0;
		for (const one of this.#referee.inFlight.values())
			if (one.cmd === "publish" && one.connection === this.#number) count++;
		const { receiveMaximum = 65_535 } = this.#limits;
		this.#check(count <= receiveMaximum, "receiveMaximum", `${count} messages in flight`);
	}

	/** A packet with an identifier of its own. */
	#fresh(packet: WirePacket): void {
		const { cmd, messageId: id } = packet;
		const { inFlight } = this.#referee;
		this.#check(id >= 1 && id <= 65_535, "id", `${cmd} with identifier ${id}`);
		this.#check(!inFlight.has(id), "unused", `${cmd} with identifier ${id}, which is in use`);
		const order = this.#referee.order++;
		inFlight.set(id, { cmd, content: contentOf(packet), order, connection: this.#number, released: false });
	}

	/** With DUP: it must have gone out before, on another connection of this session, and come in the same order. */
	#again(packet: WirePacket): void {
		const { messageId: id } = packet;
		const one = this.#referee.inFlight.get(id);
		if (one?.cmd !== "publish") {
			this.#referee.fault("dup", `DUP on identifier ${id}, which was never sent`);
			return;
		}
		this.#check(contentOf(packet) === one.content, "sameId", `identifier ${id} on another message`);
		this.#check(one.connection !== this.#number, "resend", `identifier ${id} twice on one connection`);
		this.#check(!one.released, "pubrel", `PUBLISH ${id} after its PUBREL`);
		this.#check(one.order > this.#resent, "order", `identifier ${id} out of order`);
		this.#resent = one.order;
		one.connection = this.#number;
	}

	#pubrel({ messageId: id }: WirePacket): void {
		const due = this.#due["pubrel"]!;
		const one = this.#referee.inFlight.get(id);
		// The first packets of a connection may be PUBRELs of the one before.
		const resent = one?.released && one.connection !== this.#number && !due.includes(id);
		if (one) {
			one.released = true;
			one.connection = this.#number;
		}
		if (!resent) this.#inOrder(due, id, "pubrelOrder", "PUBREL");
	}

	#acknowledges({ cmd, messageId }: WirePacket): void {
		const rule = cmd === "puback" ? "pubackOrder" : cmd === "pubrec" ? "pubrecOrder" : "pubcomp";
		this.#inOrder(this.#due[cmd]!, messageId, rule, cmd.toUpperCase());
	}

	#inOrder(due: number[], id: number, rule: Rule, what: string): void {
		if (this.#blind) return;
		const wanted = due.shift();
		this.#check(wanted === id, rule, `${what} ${id}, due was ${wanted ?? "none"}`);
	}

	/** What the broker sent: it tells what the client owes. */
	said(packet: Sendable): void {
		if (packet instanceof Uint8Array || !("cmd" in packet)) {
			this.#blind = true;
			return;
		}
		const id = packet["messageId"] as number;
		const { inFlight } = this.#referee;
		const one = inFlight.get(id);
		const refused = ((packet["reasonCode"] as number | undefined) ?? 0) >= 0x80;
		switch (packet.cmd) {
			case "connack":
				if (packet["returnCode"] || packet["reasonCode"]) break;
				this.#connected = true;
				this.#limits = (packet["properties"] as object | undefined) ?? {};
				if (!packet["sessionPresent"]) inFlight.clear();
				// Requests for subscriptions are no part of a session.
				else for (const [key, { cmd }] of inFlight) if (cmd !== "publish") inFlight.delete(key);
				break;
			case "publish":
				if (packet["qos"] === 1) this.#due["puback"]!.push(id);
				if (packet["qos"] === 2) this.#due["pubrec"]!.push(id);
				break;
			case "pubrel":
				this.#due["pubcomp"]!.push(id);
				break;
			case "pubrec":
				if (one?.cmd !== "publish") this.#blind = true;
				else if (refused) inFlight.delete(id);
				else this.#due["pubrel"]!.push(id);
				break;
			case "puback":
			case "pubcomp":
				if (one?.cmd === "publish") inFlight.delete(id);
				break;
			case "suback":
			case "unsuback":
				if (one?.cmd === packet.cmd.replace("ack", "scribe")) inFlight.delete(id);
				break;
		}
	}

	#check(good: boolean, rule: Rule, what: string): void {
		if (!good) this.#referee.fault(rule, what);
	}
}

function contentOf({ cmd, topic, payload, qos, retain, subscriptions, unsubscriptions }: WirePacket): string {
	return JSON.stringify([cmd, topic, payload?.toString("hex"), qos, retain, subscriptions, unsubscriptions]);
}
