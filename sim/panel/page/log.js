import { h, say } from "./dom.js";
import { t, time } from "./text.js";

const ROWS = 200;
const LEVELS = ["debug", "info", "warn", "error"];

/** The node's log, the latest line on top. */
export function logCard(kept) {
	let lines = [];
	const list = h("ol", { class: "rows", tabindex: "0", "aria-label": t("log") });
	const empty = h("p", { class: "faint empty", text: t("noLines") });
	const level = h(
		"select",
		{ "aria-label": t("level"), onchange: () => redraw() },
		...LEVELS.map((name, rank) => h("option", { value: String(rank), text: rank === 0 ? t("all") : `≥ ${name}` })),
	);
	const redraw = () => {
		list.replaceChildren();
		insert(lines);
	};
	const insert = (news) => {
		const least = Number(level.value || 0);
		// A line of an unknown level is always shown.
		const fitting = news.filter(({ level: name }) => !LEVELS.includes(name) || LEVELS.indexOf(name) >= least);
		list.prepend(...fitting.reverse().map(row));
		while (list.childElementCount > ROWS) list.lastElementChild.remove();
		empty.hidden = list.childElementCount > 0;
	};
	lines = kept;
	insert(kept);
	return {
		element: h(
			"section",
			{ class: "card log", "aria-label": t("log") },
			h("header", {}, h("h2", { text: t("log") }), level),
			empty,
			list,
		),
		add(news) {
			lines = [...lines, ...news].slice(-ROWS);
			insert(news);
		},
	};
}

function row({ date, level, text }) {
	const known = LEVELS.includes(level) ? level : "info";
	const line = h(
		"li",
		{ class: `row line ${known}` },
		h("time", { text: time(date) }),
		h("span", { class: "level", text: level }),
	);
	const words = h("span", { class: "words" });
	say(words, text);
	line.append(words);
	return line;
}
