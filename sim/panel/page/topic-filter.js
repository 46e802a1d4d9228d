/**
 * Whether a message fits what was typed: a topic filter when it has a wildcard (MQTT-4.7), or else a text that occurs in
 * the topic or the payload.
 */
export function matches(filter, { topic, payload }) {
	if (filter === "") return true;
	if (/[+#]/.test(filter)) return fits(filter.split("/"), topic.split("/"));
	const text = filter.toLowerCase();
	return topic.toLowerCase().includes(text) || payload.toLowerCase().includes(text);
}

function fits(filter, topic) {
	for (const [index, level] of filter.entries()) {
		if (level === "#") return true;
		if (index >= topic.length || (level !== "+" && level !== topic[index])) return false;
	}
	return filter.length === topic.length;
}
