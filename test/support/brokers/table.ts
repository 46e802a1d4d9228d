import { aedes, mosquitto, mosquitto5, rabbitmq, type Traits } from "./traits";

const yes = "yes";
const closes = "closes the connection";

/** What the suite tests, and what it found, by broker: the table of `docs/brokers.md`. */
const rows: readonly (readonly [string, string | ((traits: Traits) => string)])[] = [
	[
		"a client of MQTT 5.0",
		({ modern }) => ({ spoken: "is understood", refused: "refused, code 1", closed: `${closes}, no CONNACK` })[modern],
	],
	["connect with user and password, and without", yes],
	["a wrong password", ({ refusal }) => `refused, code ${refusal}`],
	["an empty client identifier", yes],
	["the will: when the power is cut, not after DISCONNECT; retained; empty", yes],
	[
		"a second client with the same identifier",
		({ takeoverWill }) => `takes over, ${takeoverWill ? "with" : "without"} a will`,
	],
	["keep-alive of 1 s: who falls silent is declared dead after", ({ patience }) => `${patience - 0.1} s at most`],
	[
		"publish at QoS 0, 1 and 2: once, in order",
		({ publishes }) => (publishes === 2 ? yes : "2 is answered as 1 (PUBACK)"),
	],
	["subscribe at QoS 0, 1 and 2", ({ subscribes }) => (subscribes === 2 ? yes : "1 is granted for 2")],
	["... through broken connections: published exactly once", ({ publishes }) => (publishes === 2 ? yes : "no")],
	["... received exactly once", ({ exactlyOnce }) => (exactlyOnce ? yes : "no")],
	["topics in any language; bytes of any value; no payload", yes],
	[
		"characters that come back as others",
		({ mangled }) =>
			Object.entries(mangled)
				.map(([from, to]) => `\`${from}\` as \`${to}\``)
				.join(", ") || "none",
	],
	["1 MB streamed out and in, with short messages between", yes],
	["retained messages, cleared by an empty one", yes],
	[
		"retained messages for a filter with wildcards",
		({ retainedByWildcard }) => (retainedByWildcard ? yes : "none come"),
	],
	["wildcards, as our router has them", yes],
	["`#` gets topics that begin with `$`", ({ showsDollar }) => (showsDollar ? "yes, against MQTT-4.7.2-1" : "no")],
	[
		"a message that matches two filters of a client",
		({ overlapping }) => (overlapping === 1 ? "comes once" : "comes twice"),
	],
	["shared subscriptions", ({ sharedSubscriptions }) => (sharedSubscriptions ? yes : "granted, but nothing comes")],
	["a forbidden filter", ({ forbiddenFilter }) => (forbiddenFilter === "refused" ? "refused in SUBACK" : closes)],
	[
		"a message at QoS 1 on a forbidden topic",
		({ forbiddenPublish }) =>
			({ nothing: closes, PUBACK: `PUBACK, then ${closes}`, reason: `PUBACK with reason 135, then ${closes}` })[
				forbiddenPublish
			],
	],
	[
		"a message above the broker's limit",
		({ tooLarge }) =>
			({ taken: "no limit", closed: closes, silence: "no PUBACK any more", told: "CONNACK says it; not sent" })[
				tooLarge
			],
	],
	["... a session delivers the others all the same, and says which it was", yes],
	["a slow reader holds up the broker, and loses nothing", yes],
	["messages that wait for a session: QoS 1 and 2, in order", ({ queuesQoS0 }) => (queuesQoS0 ? "QoS 0 too" : yes)],
	["they come before newer ones", ({ backlogFirst }) => (backlogFirst ? yes : "mixed with them")],
	["connections broken amid traffic, both ways: all arrives", yes],
	["a restart of the broker: our session loses nothing", yes],
	["... sessions and retained messages are still there", ({ durable }) => (durable ? yes : "no, it keeps nothing")],
	["the default node inside XS", yes],
];

/** Head and rows. */
export function brokerTable(): readonly (readonly string[])[] {
	const brokers = [aedes, mosquitto, mosquitto5, rabbitmq];
	const heads = brokers.map((traits) => (traits === mosquitto5 ? "the same, MQTT 5.0" : traits.name));
	return [
		["MQTT 3.1.1", ...heads],
		...rows.map(([what, cell]) => [what, ...brokers.map((traits) => (typeof cell === "string" ? cell : cell(traits)))]),
	];
}
