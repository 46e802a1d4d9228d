/** Writes packets that are asked for in values that JSON can carry: the same code in Node.js and in XS. */
import {
	encodeAcknowledgement,
	encodeConnect,
	encodePublish,
	encodeSubscribe,
	type SubscribeItem,
	stampPublish,
} from "../../modules/mqtt/packet/encoder";
import type { MQTTError } from "../../modules/mqtt/packet/error";
import { encodeProperties, type Properties } from "../../modules/mqtt/packet/properties";
import { encodeTopic } from "../../modules/mqtt/packet/topic";
import { PUBACK, PUBLISH, type QoS, SUBSCRIBE } from "../../modules/mqtt/packet/types";

/** What a packet is written of; fields that its type does not have are left out of account. */
export interface Writing {
	what: "connect" | "publish" | "subscribe" | "puback";
	version: 4 | 5;
	id: number;
	topic: string;
	text: string;
	data: number[];
	QoS: QoS;
	items: SubscribeItem[];
	properties?: Properties | undefined;
}

/** The bytes; or what was wrong. */
export function writePacket(writing: Writing): number[] | string {
	try {
		return [...encodeOne(writing)];
	} catch (error) {
		const { code, message } = error as MQTTError;
		if (typeof code !== "string") throw error;
		return `${code}: ${message}`;
	}
}

function encodeOne({ what, version, id, topic, text, data, QoS, items, properties }: Writing): Uint8Array {
	const message = Uint8Array.from(data);
	if (what === "puback") return encodeAcknowledgement(PUBACK, id, 0, properties);
	if (what === "subscribe") return encodeSubscribe(SUBSCRIBE, id, items, version, properties);
	if (what === "connect") {
		const will = { topic, message: text, QoS };
		return encodeConnect({
			version,
			id: text,
			keepAlive: id,
			clean: true,
			user: text,
			password: message,
			will,
			properties,
		});
	}
	const part = version === 5 ? encodeProperties(properties, PUBLISH) : undefined;
	const packet = encodePublish(encodeTopic(topic, version), message, QoS, false, part);
	if (QoS > 0) stampPublish(packet, id, true);
	return packet;
}
