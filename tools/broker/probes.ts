import type { Rights } from "../../deploy/mosquitto/rights";

/** A level that no node and no part is called. */
const ANY = "vagalume-test";

/** Topics that lie at the borders of nobody's rights, or outside of all. */
const OUTSIDE = [
	"$SYS/broker/uptime",
	"$SYS/broker/clients/connected",
	"homeassistant/status",
	`homeassistant/device/${ANY}/config`,
	`homeassistant/light/${ANY}/config`,
	`${ANY}/status`,
	ANY,
];

/**
 * Topics that a trial publishes: those that anybody may read or write, one for each filter, and some that nobody should. `a/+`
 * becomes `a/vagalume-test`, `a/#` becomes `a/vagalume-test/vagalume-test`, and where only one of a user's filters has an
 * order's `/set`, the state beside it comes too.
 */
export function probes(rights: Iterable<Rights>): string[] {
	const filters = [...rights].flatMap(({ read, write }) => [...read, ...write]);
	const topics = filters.map((filter) => filter.replaceAll("+", ANY).replace(/#$/, `${ANY}/${ANY}`));
	const beside = topics.map((topic) => (topic.endsWith("/set") ? topic.slice(0, -4) : `${topic}/set`));
	return [...new Set([...topics, ...beside, ...OUTSIDE])].filter((topic) => !topic.startsWith(`$SYS/${ANY}`)).sort();
}

/** MQTT-4.7: whether one of the filters is for a topic. */
export function allowed(filters: readonly string[], topic: string): boolean {
	return filters.some((filter) => matches(filter.split("/"), topic.split("/")));
}

function matches(filter: readonly string[], topic: readonly string[]): boolean {
	// MQTT-4.7.2-1: a wildcard in front is not for topics that begin with $.
	if (topic[0]!.startsWith("$") && filter[0] !== topic[0]) return false;
	for (const [index, level] of filter.entries()) {
		if (level === "#") return true;
		if (index >= topic.length || (level !== "+" && level !== topic[index])) return false;
	}
	return filter.length === topic.length;
}
