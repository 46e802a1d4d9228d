/** What brokers do differently. Each is tested as it stands here, and the table of `docs/brokers.md` is written from it. */
export interface Traits {
	/** Name and version. */
	readonly name: string;
	/** How a client of MQTT 5.0 is received. */
	readonly modern: "spoken" | "refused" | "closed";
	/** CONNACK's return code for a wrong password. */
	readonly refusal: number;
	/** The will of a client that another one with its identifier replaced is published. */
	readonly takeoverWill: boolean;
	/** So many seconds after its last packet, at most, a client with a keep-alive of 1 s is declared dead; 1.5 says MQTT-3.1.2-24. */
	readonly patience: number;
	/** The highest QoS at which a message is taken: at 1, a message at QoS 2 is answered with PUBACK. */
	readonly publishes: 1 | 2;
	/** The highest QoS of a subscription. */
	readonly subscribes: 1 | 2;
	/** QoS 2 reaches a subscriber once, through broken connections too. */
	readonly exactlyOnce: boolean;
	/** Retained messages reach a subscription with wildcards. */
	readonly retainedByWildcard: boolean;
	/** A filter that begins with a wildcard gets topics that begin with $, which is against MQTT-4.7.2-1. */
	readonly showsDollar: boolean;
	/** Some characters of a topic come back as others, because the broker has other separators and wildcards. */
	readonly mangled: Readonly<Record<string, string>>;
	readonly sharedSubscriptions: boolean;
	/** How a filter that is forbidden is answered: by SUBACK, or by the end of the connection. */
	readonly forbiddenFilter: "refused" | "closed";
	/** A message that matches two filters of a client arrives so often. */
	readonly overlapping: 1 | 2;
	/** What is said of a message on a forbidden topic, at QoS 1 and 2, before the connection ends. */
	readonly forbiddenPublish: "nothing" | "PUBACK" | "reason";
	/** What becomes of a message at QoS 1 above the broker's limit; `told`: CONNACK said so, and it is not sent. */
	readonly tooLarge: "taken" | "closed" | "silence" | "told";
	/** Messages at QoS 0 are kept for a client that is away. */
	readonly queuesQoS0: boolean;
	/** What waited for a client comes before what is published after its return. */
	readonly backlogFirst: boolean;
	/** Sessions and retained messages outlive a restart. */
	readonly durable: boolean;
}

export const aedes: Traits = {
	name: "aedes 1.2.0",
	modern: "refused",
	refusal: 4,
	takeoverWill: true,
	patience: 1.6,
	publishes: 2,
	subscribes: 2,
	exactlyOnce: false,
	retainedByWildcard: true,
	showsDollar: false,
	mangled: {},
	overlapping: 1,
	sharedSubscriptions: false,
	forbiddenFilter: "refused",
	forbiddenPublish: "nothing",
	tooLarge: "taken",
	queuesQoS0: false,
	backlogFirst: false,
	durable: false,
};

export const mosquitto: Traits = {
	name: "mosquitto 2.0.11",
	modern: "spoken",
	refusal: 5,
	takeoverWill: true,
	patience: 6.6,
	publishes: 2,
	subscribes: 2,
	exactlyOnce: true,
	retainedByWildcard: true,
	showsDollar: false,
	mangled: {},
	overlapping: 1,
	sharedSubscriptions: true,
	forbiddenFilter: "refused",
	forbiddenPublish: "PUBACK",
	tooLarge: "closed",
	queuesQoS0: false,
	backlogFirst: true,
	durable: true,
};

export const rabbitmq: Traits = {
	name: "RabbitMQ 3.10.8",
	modern: "closed",
	refusal: 4,
	takeoverWill: false,
	patience: 3.1,
	publishes: 1,
	subscribes: 1,
	exactlyOnce: false,
	retainedByWildcard: false,
	showsDollar: true,
	mangled: { ".": "/", "*": "+" },
	overlapping: 1,
	sharedSubscriptions: false,
	forbiddenFilter: "closed",
	forbiddenPublish: "nothing",
	tooLarge: "silence",
	queuesQoS0: true,
	backlogFirst: true,
	durable: true,
};

/** With MQTT 5.0. */
export const mosquitto5: Traits = {
	...mosquitto,
	refusal: 135,
	overlapping: 2,
	forbiddenPublish: "reason",
	tooLarge: "told",
};
