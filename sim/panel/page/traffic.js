import { h, say } from "./dom.js";
import { t, time } from "./text.js";
import { matches } from "./topic-filter.js";

/** Rows that are shown. */
const ROWS = 200;

/** The node's MQTT messages, the latest on top. */
export function trafficCard(base, kept) {
	let messages = [];
	let paused = false;
	let waiting = 0;
	const list = h("ol", { class: "rows", tabindex: "0", "aria-label": t("traffic") });
	const empty = h("p", { class: "faint empty" });
	const dropped = h("p", { class: "faint empty", hidden: true });
	const filter = h("input", {
		type: "search",
		placeholder: t("filterHint"),
		"aria-label": t("filter"),
		spellcheck: "false",
		autocomplete: "off",
		oninput: () => redraw(),
	});
	const pause = h("button", {
		type: "button",
		class: "quiet",
		"aria-pressed": "false",
		onclick: () => {
			paused = !paused;
			if (!paused) {
				waiting = 0;
				redraw();
			}
			label();
		},
	});
	const label = () => {
		pause.setAttribute("aria-pressed", String(paused));
		say(pause, paused ? t("resume", { count: waiting }) : t("pause"));
	};
	const hint = () => {
		empty.hidden = list.childElementCount > 0;
		say(empty, t(messages.length > 0 ? "noMatch" : "noMessages"));
	};
	const redraw = () => {
		list.replaceChildren();
		insert(messages);
	};
	const insert = (news) => {
		const fitting = news.filter((message) => matches(filter.value.trim(), message)).slice(-ROWS);
		list.prepend(...fitting.reverse().map((message) => row(base, message)));
		while (list.childElementCount > ROWS) list.lastElementChild.remove();
		hint();
	};
	label();
	const element = h(
		"section",
		{ class: "card traffic", "aria-label": t("traffic") },
		h("header", {}, h("h2", { text: t("traffic") }), filter, pause),
		dropped,
		empty,
		list,
	);
	messages = kept;
	insert(kept);
	return {
		element,
		add(news, left) {
			messages = [...messages, ...news].slice(-ROWS);
			if (left) {
				dropped.hidden = false;
				say(dropped, t("dropped", { count: left }));
			}
			if (paused) {
				waiting += news.length;
				label();
			} else insert(news);
		},
	};
}

function row(base, { date, direction, topic, payload, size, qos, retain }) {
	const out = direction === "out";
	const own = topic.startsWith(`${base}/`);
	return h(
		"li",
		{ class: `row ${direction}` },
		h(
			"details",
			{},
			h(
				"summary",
				{},
				h("time", { text: time(date) }),
				h("span", { class: "arrow", role: "img", "aria-label": t(out ? "sent" : "received"), text: out ? "↑" : "↓" }),
				h(
					"span",
					{ class: "topic" },
					h("span", { class: "base", text: own ? `${base}/` : "" }),
					h("span", { class: "own", text: own ? topic.slice(base.length + 1) : topic }),
				),
				h(
					"span",
					{ class: "tags" },
					retain && h("span", { class: "tag", text: t("retained") }),
					h("span", { class: "tag", text: `QoS ${qos}` }),
				),
				h("span", { class: "payload", text: payload === "" ? t("emptyPayload") : payload }),
			),
			h("pre", { text: pretty(payload) }),
			h("p", { class: "faint", text: `${t(out ? "sent" : "received")} · ${t("bytes", { size })}` }),
		),
	);
}

function pretty(payload) {
	if (!/^\s*[[{]/.test(payload)) return payload;
	try {
		return JSON.stringify(JSON.parse(payload), undefined, 2);
	} catch {
		return payload;
	}
}
