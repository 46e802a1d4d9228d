/** What brokers do differently. Each is tested as it stands here, and the table of `docs/brokers.md` is written from it. */
export interface Traits {
	/** Name and version. */
	readonly name: string;
	/** CONNACK's return code for a wrong password. */
	readonly refusal: number;
	/** The will of a client that another one with its identifier replaced is published. */
	readonly takeoverWill: boolean;
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
	/** A message at QoS 1 on a topic that is forbidden is acknowledged, before the connection ends. */
	readonly acknowledgesForbidden: boolean;
	/** How a message at QoS 1 above the broker's limit is answered, if it has one: by the end of the connection, or never. */
	readonly tooLarge: "taken" | "closed" | "silence";
	/** Messages at QoS 0 are kept for a client that is away. */
	readonly queuesQoS0: boolean;
	/** What waited for a client comes before what is published after its return. */
	readonly backlogFirst: boolean;
	/** Sessions and retained messages outlive a restart. */
	readonly durable: boolean;
}

export const aedes: Traits = {
	name: "aedes 1.2.0",
	refusal: 4,
	takeoverWill: true,
	publishes: 2,
	subscribes: 2,
	exactlyOnce: false,
	retainedByWildcard: true,
	showsDollar: false,
	mangled: {},
	sharedSubscriptions: false,
	forbiddenFilter: "refused",
	acknowledgesForbidden: false,
	tooLarge: "taken",
	queuesQoS0: false,
	backlogFirst: false,
	durable: false,
};

export const mosquitto: Traits = {
	name: "mosquitto 2.0.11",
	refusal: 5,
	takeoverWill: true,
	publishes: 2,
	subscribes: 2,
	exactlyOnce: true,
	retainedByWildcard: true,
	showsDollar: false,
	mangled: {},
	sharedSubscriptions: true,
	forbiddenFilter: "refused",
	acknowledgesForbidden: true,
	tooLarge: "closed",
	queuesQoS0: false,
	backlogFirst: true,
	durable: true,
};

export const rabbitmq: Traits = {
	name: "RabbitMQ 3.10.8",
	refusal: 4,
	takeoverWill: false,
	publishes: 1,
	subscribes: 1,
	exactlyOnce: false,
	retainedByWildcard: false,
	showsDollar: true,
	mangled: { ".": "/", "*": "+" },
	sharedSubscriptions: false,
	forbiddenFilter: "closed",
	acknowledgesForbidden: false,
	tooLarge: "silence",
	queuesQoS0: true,
	backlogFirst: true,
	durable: true,
};
