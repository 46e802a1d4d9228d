import assert from "node:assert/strict";
import { proves, type Script } from "../support/conformance";

const SUBSCRIBE = 8;

/** Which of these filters get a message of that topic. */
function takers({ connected }: Script, filters: readonly string[], topics: readonly string[]): string[] {
	const [session, link] = connected({ keepAlive: 0 });
	for (const filter of filters) session.on(filter, 0);
	link.grant();
	if (filters.length > 1) link.grant();
	for (const topic of topics) link.publish(topic, "x");
	return session
		.of("message")
		.map(({ filter, topic }) => `${filter} < ${topic}`)
		.sort();
}

function refused({ session, joined, version }: Script, wrongs: readonly string[], ...clauses: string[]): void {
	const clause = clauses[version === 5 ? clauses.length - 1 : 0];
	const tested = session();
	for (const topic of wrongs) assert.throws(() => tested.on(topic, 0), { code: "invalid", clause }, topic);
	const [client, link] = joined();
	for (const topic of wrongs)
		assert.throws(() => client.write(null, { operation: SUBSCRIBE, items: [{ topic, QoS: 0 }] }), { clause }, topic);
	link.silent(1000);
}

proves(
	"3.1.1 MQTT-4.7.1-2",
	"# alone or after a slash, and last; it matches its parent, too",
	(script) => {
		refused(script, ["a#", "a/#b", "#/a", "a/#/b", "##", "a/b#"], "MQTT-4.7.1-2", "MQTT-4.7.1-1");
		assert.deepEqual(
			takers(script, ["#", "a/#", "a/b/#"], ["a", "a/b", "a/b/c", "b", "/a"]),
			[
				"# < /a",
				"# < a",
				"# < a/b",
				"# < a/b/c",
				"# < b",
				"a/# < a",
				"a/# < a/b",
				"a/# < a/b/c",
				"a/b/# < a/b",
				"a/b/# < a/b/c",
			].sort(),
		);
	},
	{ five: "5.0 MQTT-4.7.1-1" },
);

proves(
	"3.1.1 MQTT-4.7.1-3",
	"+ is a whole level, anywhere; an empty level counts",
	(script) => {
		refused(script, ["a+", "+a", "a/b+", "a/+b/c", "++"], "MQTT-4.7.1-3", "MQTT-4.7.1-2");
		assert.deepEqual(
			takers(script, ["+", "+/+", "/+", "a/+/c", "+/b/#"], ["a", "/", "/a", "a/", "a/b/c", "a//c", "x/b", "a/b/c/d"]),
			[
				"+ < a",
				"+/+ < /",
				"/+ < /",
				"+/+ < /a",
				"/+ < /a",
				"+/+ < a/",
				"a/+/c < a/b/c",
				"+/b/# < a/b/c",
				"a/+/c < a//c",
				"+/+ < x/b",
				"+/b/# < x/b",
				"+/b/# < a/b/c/d",
			].sort(),
		);
	},
	{ five: "5.0 MQTT-4.7.1-2" },
);

proves(
	"3.1.1 MQTT-4.7.2-1",
	"# and + at the beginning do not get topics that begin with $",
	(script) => {
		assert.deepEqual(
			takers(
				script,
				["#", "+/monitor/Clients", "$SYS/#", "$SYS/monitor/+"],
				["$SYS/monitor/Clients", "$SYS", "$other"],
			),
			["$SYS/# < $SYS", "$SYS/# < $SYS/monitor/Clients", "$SYS/monitor/+ < $SYS/monitor/Clients"],
		);
	},
	{ five: "5.0 MQTT-4.7.2-1" },
);

proves(
	"3.1.1 MQTT-4.7.3-1",
	"an empty topic and an empty filter are refused, sent and received",
	(script) => {
		refused(script, [""], "MQTT-4.7.3-1");
		const { joined, connected, version } = script;
		const [client, link] = joined();
		assert.throws(() => client.write("x", { topic: "" }), { clause: "MQTT-4.7.3-1" });
		const [session, other] = connected();
		assert.throws(() => session.publish("", "x", { QoS: 1 }), { clause: "MQTT-4.7.3-1" });
		link.silent(1000);
		other.send(version === 5 ? [0x30, 4, 0, 0, 0, 0x78] : [0x30, 3, 0, 0, 0x78]);
		if (version === 5) other.expect("disconnect", { reasonCode: 0x82 });
		other.closes({ within: 0 });
		assert.ok(session.logged(version === 5 ? /MQTT-3\.3\.2/ : /MQTT-4\.7\.3-1/));
	},
	{ five: "5.0 MQTT-4.7.3-1" },
);

proves(
	"3.1.1 MQTT-4.7.3-3",
	"topics and filters of 65,535 bytes are sent, longer ones are refused, counted in bytes of UTF-8",
	(script) => {
		const { connected } = script;
		const longest = `${"é".repeat(32_767)}x`;
		refused(script, [`${longest}x`, "é".repeat(32_768), "x".repeat(65_536)], "MQTT-1.5.3", "MQTT-1.5.4");
		const [session, link] = connected({ queue: { bytes: 100_000 } });
		session.publish(longest, "x", { QoS: 1 });
		assert.equal(Buffer.byteLength(link.expect("publish")["topic"]), 65_535);
		session.on(longest, 0);
		link.grant();
		for (const wrong of [`${longest}x`, "é".repeat(32_768)])
			assert.throws(() => session.publish(wrong, "x"), { code: "invalid" });
		link.silent(1000);
	},
	{ five: "5.0 MQTT-4.7.3-3" },
);

proves(
	"3.1.1 MQTT-4.7.3-4",
	"topics are compared as they are: case, composition, spaces and slashes count",
	(script) => {
		const topics = ["Ação", "ação", "a\u0327a\u0303o", "a c", "a  c", "a/c", "a/c/", "/a/c", "\u00e9", "e\u0301"];
		assert.deepEqual(takers(script, topics, topics), topics.map((topic) => `${topic} < ${topic}`).sort());
	},
	{ five: "5.0 MQTT-4.7.3-4" },
);
