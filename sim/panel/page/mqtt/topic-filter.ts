/** Whether a topic fits a topic filter (MQTT-4.7). */
export function fits(filter: string, topic: string): boolean {
	const levels = topic.split("/");
	for (const [index, level] of filter.split("/").entries()) {
		if (level === "#") return true;
		if (index >= levels.length || (level !== "+" && level !== levels[index])) return false;
	}
	return filter.split("/").length === levels.length;
}

/** True for what has a wildcard: a topic filter, and no text to look for. */
export function isFilter(text: string): boolean {
	return /[+#]/.test(text);
}

/** False for a filter that no broker would take: `#` not alone at the end, `+` not alone between slashes (MQTT-4.7.1). */
export function isValid(filter: string): boolean {
	const levels = filter.split("/");
	return levels.every(
		(level, index) => !isFilter(level) || level === "+" || (level === "#" && index === levels.length - 1),
	);
}

/** Whether a message fits what was typed: a topic filter, or a text that occurs in topic or payload. */
export function matches(
	typed: string,
	{ topic, payload }: { readonly topic: string; readonly payload: string },
): boolean {
	if (typed === "") return true;
	if (isFilter(typed)) return fits(typed, topic);
	const text = typed.toLowerCase();
	return topic.toLowerCase().includes(text) || payload.toLowerCase().includes(text);
}
