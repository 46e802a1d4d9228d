import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MQTTError } from "../../modules/mqtt/packet/error";
import { Router } from "../../modules/mqtt/router";

function matches(filter: string, topic: string): boolean {
	const router = new Router<string>();
	router.on(filter, filter);
	const found: string[] = [];
	const count = router.match(topic, (handler) => found.push(handler), undefined);
	assert.equal(count, found.length);
	assert.ok(count <= 1);
	return count === 1;
}

/** §4.7 written down level by level, as slow as it gets. */
function oracle(filter: string, topic: string): boolean {
	const wanted = filter.split("/");
	const given = topic.split("/");
	if (topic.startsWith("$") && (wanted[0] === "+" || wanted[0] === "#")) return false;
	for (let index = 0; ; index++) {
		if (wanted[index] === "#") return true;
		if (index === wanted.length || index === given.length)
			return (
				(wanted.length === given.length && index === wanted.length) || (wanted[index] === "#" && index === given.length)
			);
		if (wanted[index] !== "+" && wanted[index] !== given[index]) return false;
	}
}

describe("MQTT topics (§4.7)", () => {
	const table: [string, string, boolean, string][] = [
		["sport/tennis/player1/#", "sport/tennis/player1", true, "MQTT-4.7.1-2: # matches the parent"],
		["sport/tennis/player1/#", "sport/tennis/player1/ranking", true, "# matches one level"],
		["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true, "# matches many levels"],
		["sport/#", "sport", true, "# matches the parent"],
		["#", "a/b/c", true, "# alone matches everything"],
		["#", "/", true, "# alone matches empty levels"],
		["sport/tennis/+", "sport/tennis/player1", true, "+ matches one level"],
		["sport/tennis/+", "sport/tennis/player1/ranking", false, "+ matches one level only"],
		["sport/+", "sport", false, "+ does not match the parent"],
		["sport/+", "sport/", true, "+ matches an empty level"],
		["+/+", "/finance", true, "MQTT-4.7.1-3: + matches an empty first level"],
		["/+", "/finance", true, "+ after an empty level"],
		["+", "/finance", false, "+ is not two levels"],
		["#", "$SYS/broker", false, "MQTT-4.7.2-1: # does not match $ topics"],
		["+/monitor/Clients", "$SYS/monitor/Clients", false, "MQTT-4.7.2-1: + does not match $ topics"],
		["$SYS/#", "$SYS/broker/uptime", true, "$SYS/# matches"],
		["$SYS/#", "$SYS", true, "$SYS/# matches its parent"],
		["$SYS/monitor/+", "$SYS/monitor/Clients", true, "$SYS with + matches"],
		["a/#", "a/$b", true, "$ counts at the front only"],
		["ACCOUNTS", "Accounts", false, "MQTT-4.7.3-1: case counts"],
		["/finance", "finance", false, "MQTT-4.7.3-1: a leading / counts"],
		["a/b", "a/b/", false, "a trailing / counts"],
		["a//b", "a//b", true, "empty levels are levels"],
		["a/+/b", "a//b", true, "+ matches an empty level in between"],
		["a/b", "a", false, "a longer filter does not match"],
		["$share/grupo/casa/+", "casa/sala", true, "a shared subscription matches its filter"],
	];
	for (const [filter, topic, expected, why] of table) {
		it(`${why}: "${filter}" and "${topic}"`, () => assert.equal(matches(filter, topic), expected));
	}

	it("is the oracle's on every filter and topic of up to three levels", () => {
		const levels = ["", "a", "b", "$c", "+", "#"];
		const all = (depth: number, names: string[]): string[] =>
			depth === 1
				? names
				: [...names, ...names.flatMap((name) => all(depth - 1, names).map((rest) => `${name}/${rest}`))];
		const topics = all(3, ["", "a", "b", "$c"]).filter((topic) => topic !== "");
		let pairs = 0;
		let router = new Router<string>();
		const filters = all(3, levels).filter((filter) => {
			try {
				router.on(filter, filter);
				return true;
			} catch (error) {
				assert.ok(error instanceof MQTTError);
				return false;
			}
		});
		router = new Router<string>();
		for (const filter of filters) router.on(filter, filter);
		for (const topic of topics) {
			const found: string[] = [];
			router.match(topic, (handler) => found.push(handler), undefined);
			const expected = filters.filter((filter) => oracle(filter, topic));
			assert.deepEqual(found.sort(), expected.sort(), `topic "${topic}"`);
			pairs += filters.length;
		}
		assert.ok(pairs > 5000, `${pairs} pairs`);
	});

	it("agrees with the oracle one filter at a time, too", () => {
		for (const filter of ["a/+/#", "+/b/+", "+/#", "a/b/#", "//#", "+//+"])
			for (const topic of ["a", "a/b", "a/b/c", "/b/", "//", "a//c", "$c/b/a"])
				assert.equal(matches(filter, topic), oracle(filter, topic), `${filter} ${topic}`);
	});
});

describe("MQTT router", () => {
	it("calls every handler of every filter that matches, in no time twice", () => {
		const router = new Router<string>();
		router.on("a/+", "one");
		router.on("a/+", "two");
		router.on("a/#", "three");
		const found: string[] = [];
		assert.equal(
			router.match("a/b", (handler, list) => list.push(handler), found),
			3,
		);
		assert.deepEqual(found.sort(), ["one", "three", "two"]);
	});

	it("forgets a handler, a filter, and leaves the others", () => {
		const router = new Router<string>();
		for (const filter of ["a/b", "a/+", "a/#", "#"]) router.on(filter, filter);
		router.on("a/b", "second");
		assert.equal(router.off("a/b", "second"), true);
		assert.equal(router.off("a/b", "second"), false);
		assert.equal(router.off("a/x"), false);
		assert.equal(router.off("a/+"), true);
		const found: string[] = [];
		router.match("a/b", (handler) => found.push(handler), undefined);
		assert.deepEqual(found.sort(), ["#", "a/#", "a/b"]);
		for (const filter of ["a/b", "a/#", "#"]) assert.equal(router.off(filter), true);
		assert.equal(
			router.match("a/b", () => assert.fail(), undefined),
			0,
		);
	});

	it("lets a handler remove itself while messages are handed out", () => {
		const router = new Router<string>();
		for (const name of ["one", "two", "three"]) router.on("t", name);
		const found: string[] = [];
		router.match(
			"t",
			(handler) => {
				router.off("t", handler);
				found.push(handler);
			},
			undefined,
		);
		assert.deepEqual(found, ["one", "two", "three"]);
		assert.equal(
			router.match("t", () => {}, undefined),
			0,
		);
	});

	it("refuses filters that are none", () => {
		const router = new Router<string>();
		for (const filter of ["", "a#", "#/a", "a/+b", "a\0"]) assert.throws(() => router.on(filter, ""), MQTTError);
	});
});
