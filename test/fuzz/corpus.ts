import mqtt, { type Packet } from "mqtt-packet";

type Version = 4 | 5;

/** Topics of the program's filters, and others. */
const topics = [
	"fuzz/1",
	"fuzz/probe",
	"casa/sala/set",
	"casa//set",
	"other",
	"$SYS/uptime",
	"é/ü",
	`fuzz/${"long".repeat(80)}`,
];
const sizes = [0, 1, 2, 20, 100, 127, 128, 200, 300, 1000, 2500, 20_000];

/** A packet of every type, valid, of both directions. `random`: 0 (inclusive) to 1. */
export class Corpus {
	readonly #version: Version;
	readonly #random: () => number;
	/** Some hundreds, made once. */
	readonly #packets: readonly Uint8Array[];
	/** Of these, what a server may send at any moment. */
	readonly #innocent: readonly Uint8Array[];

	constructor(version: Version, random: () => number) {
		this.#version = version;
		this.#random = random;
		this.#packets = Array.from({ length: 400 }, () => this.#make());
		this.#innocent = this.#packets.filter((bytes) => innocent.includes(bytes[0]! >> 4));
	}

	/** One of them. */
	any(): Uint8Array {
		return this.#one(this.#packets);
	}

	/** One that a server may send at any moment. */
	innocent(): Uint8Array {
		return this.#one(this.#innocent);
	}

	#one<Value>(values: readonly Value[]): Value {
		return values[Math.floor(this.#random() * values.length)]!;
	}

	#id(): number {
		return this.#random() < 0.8 ? 1 + Math.floor(this.#random() * 20) : 1 + Math.floor(this.#random() * 65_535);
	}

	#make(): Uint8Array {
		const packet = this.#packet();
		if (this.#version === 5) packet["properties"] = this.#properties(packet["cmd"] as string);
		return new Uint8Array(mqtt.generate(packet as never as Packet, { protocolVersion: this.#version }));
	}

	#packet(): Record<string, unknown> {
		const random = this.#random;
		const modern = this.#version === 5;
		const messageId = this.#id();
		const reasonCode = modern && random() < 0.3 ? this.#one([0x10, 0x80, 0x87, 0x97]) : 0;
		if (random() < 0.45) {
			const qos = this.#one([0, 1, 2]);
			const payload = Buffer.alloc(this.#one(sizes), 97);
			return {
				cmd: "publish",
				topic: this.#one(topics),
				payload,
				qos,
				messageId,
				retain: random() < 0.5,
				dup: qos > 0 && random() < 0.5,
			};
		}
		if (random() < 0.6) {
			const cmd = this.#one(["puback", "pubrec", "pubrel", "pubcomp"]);
			return { cmd, messageId, reasonCode: cmd === "puback" || cmd === "pubrec" ? reasonCode : 0 };
		}
		const cmd = this.#one(["suback", "unsuback", "pingresp", "connack", "disconnect", "auth", ...rare]);
		switch (cmd) {
			case "suback":
				return {
					cmd,
					messageId,
					granted: Array.from({ length: 1 + Math.floor(random() * 5) }, () => this.#one([0, 1, 2, 0x80])),
				};
			case "unsuback":
				return { cmd, messageId, granted: [0] };
			case "connack":
				return { cmd, returnCode: this.#one([0, 0, 0, 3]), reasonCode: 0, sessionPresent: false };
			case "connect":
				return {
					cmd,
					clientId: "other",
					protocolId: "MQTT",
					protocolVersion: this.#version,
					clean: true,
					keepalive: 10,
				};
			case "subscribe":
				return { cmd, messageId, subscriptions: [{ topic: "fuzz/#", qos: 1 }] };
			case "unsubscribe":
				return { cmd, messageId, unsubscriptions: ["fuzz/#"] };
			case "auth":
				return modern ? { cmd, reasonCode: 0x18 } : { cmd: "pingresp" };
			case "disconnect":
				return { cmd, reasonCode: modern ? this.#one([0, 0x81, 0x8e, 0x9d]) : 0 };
			default:
				return { cmd };
		}
	}

	#properties(cmd: string): Record<string, unknown> {
		const random = this.#random;
		const properties: Record<string, unknown> = {};
		const maybe = (name: string, value: unknown) => {
			if (random() < 0.3) properties[name] = value;
		};
		const texts = ["", "a", "text", "ü".repeat(40), "long".repeat(100)];
		if (cmd !== "pingresp" && cmd !== "pingreq") maybe("userProperties", { a: this.#one(texts), b: ["1", "2"] });
		if (cmd === "publish") {
			maybe("topicAlias", this.#one([1, 2, 3]));
			maybe("messageExpiryInterval", 60);
			maybe("contentType", this.#one(texts));
			maybe("responseTopic", "fuzz/answer");
			maybe("correlationData", Buffer.alloc(this.#one([0, 8, 300])));
			maybe("payloadFormatIndicator", true);
			maybe("subscriptionIdentifier", this.#one([1, 200, 268_435_455]));
		} else if (cmd === "connack") {
			maybe("receiveMaximum", this.#one([1, 20, 65_535]));
			maybe("maximumQoS", this.#one([0, 1]));
			maybe("topicAliasMaximum", 5);
			maybe("maximumPacketSize", this.#one([50, 1000, 100_000]));
			maybe("serverKeepAlive", this.#one([0, 5, 600]));
			maybe("assignedClientIdentifier", "given");
			maybe("reasonString", this.#one(texts));
		} else if (["puback", "pubrec", "pubrel", "pubcomp", "suback", "unsuback", "disconnect"].includes(cmd))
			maybe("reasonString", this.#one(texts));
		else if (cmd === "auth") {
			properties["authenticationMethod"] = "fuzz";
			maybe("authenticationData", Buffer.alloc(20));
		}
		return properties;
	}
}

/** PUBLISH and its acknowledgements, SUBACK, UNSUBACK, PINGRESP. */
const innocent = [3, 4, 5, 6, 7, 9, 11, 13];

/** What only clients send. */
const rare = ["connect", "subscribe", "unsubscribe", "pingreq"];
