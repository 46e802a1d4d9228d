import { h, say } from "./dom.js";
import { t } from "./text.js";
import { statusOf } from "./vitals.js";

/** How often the list is asked for (ms). */
const PACE = 2000;

/** The list of nodes; each leads to its page. Ends when `signal` aborts. */
export function nodeList(onLink, signal) {
	const list = h("ul", { class: "node-list" });
	const cards = new Map();
	const show = (nodes) => {
		for (const node of nodes) {
			let card = cards.get(node.id);
			if (!card) {
				card = nodeCard(node);
				cards.set(node.id, card);
				list.append(card.element);
			}
			card.update(node);
		}
	};
	const look = async () => {
		try {
			show(await (await fetch("/nodes", { signal })).json());
			onLink(true);
		} catch {
			if (!signal.aborted) onLink(false);
		}
		if (!signal.aborted) setTimeout(look, PACE);
	};
	look();
	return list;
}

function nodeCard(node) {
	const status = h("span", { class: "status" });
	return {
		element: h(
			"li",
			{},
			h(
				"a",
				{ class: "card node-card", href: `/nodes/${encodeURIComponent(node.id)}` },
				h("span", { class: "bulb" }),
				h("strong", { text: node.id }),
				h("span", { class: "faint", text: [node.name, node.place, node.board].filter(Boolean).join(" · ") }),
				status,
			),
		),
		update(now) {
			const state = statusOf(now);
			status.dataset.status = state;
			say(status, t(state));
		},
	};
}
