import { Connection } from "./connection.js";
import { h, say } from "./dom.js";
import { pageHeader } from "./header.js";
import { logCard } from "./log.js";
import { nodeList } from "./nodes.js";
import { outputs } from "./outputs.js";
import { selfCard, sensorCard } from "./sensors.js";
import { language, speak, t } from "./text.js";
import { trafficCard } from "./traffic.js";
import { vitalsCards } from "./vitals.js";

speak(language);
const page = h("div", { class: "page" });
const link = h("p", { class: "link-lost", role: "alert", hidden: true });
document.body.append(link, page);

/** Tells whether the simulator answers. */
function onLink(up) {
	link.hidden = up;
	page.inert = !up;
	say(link, up ? "" : t("lost"));
}

const [, , given] = location.pathname.split("/");
if (given) showNode(decodeURIComponent(given));
else await showHome();

async function showHome() {
	try {
		const nodes = await (await fetch("/nodes")).json();
		if (nodes.length === 1) showNode(nodes[0].id);
		else showList();
	} catch {
		onLink(false);
		setTimeout(showHome, 1000);
	}
}

function showList() {
	const stop = new AbortController();
	const header = pageHeader({ title: "Vagalume", subtitle: t("nodes") }, (next) => {
		stop.abort();
		speak(next);
		showList();
	});
	document.title = `Vagalume · ${t("nodes")}`;
	page.replaceChildren(header.element, h("main", {}, nodeList(onLink, stop.signal)));
}

async function showNode(id) {
	let view;
	const home = given !== undefined && (await several());
	const connection = new Connection(id, {
		onLink,
		onState: () => draw(),
		onUpdate: (update) => view.update(connection.state, update),
	});
	const draw = () => {
		view = nodeView(connection, home, (next) => {
			speak(next);
			draw();
			page.querySelector(".languages [aria-pressed=true]").focus();
		});
		page.replaceChildren(...view.elements);
	};
}

async function several() {
	const nodes = await fetch("/nodes").then(
		(response) => response.json(),
		() => [],
	);
	return nodes.length > 1;
}

/** One node's page. Nothing in it is written for one node: all of it follows from the state. */
function nodeView(connection, home, onLanguage) {
	const { state } = connection;
	const act = async (action, error) => {
		try {
			await connection.act(action);
			say(error, "");
		} catch (refusal) {
			say(error, refusal.message);
		}
	};
	const { name, id, place, board, base } = state;
	document.title = `${name} · Vagalume`;
	const header = pageHeader(
		{ title: name, subtitle: [id, place, board].filter(Boolean).join(" · "), home },
		onLanguage,
	);
	const vitals = vitalsCards(act);
	const parts = new Map();
	for (const part of Object.values(state.parts)) {
		const make = part.kind === "sensor" ? sensorCard : outputs[part.kind];
		if (make) parts.set(part.name, make(part, act));
	}
	const self = selfCard();
	const traffic = trafficCard(base, state.messages);
	const log = logCard(state.log);
	const cards = (wanted) =>
		Object.values(state.parts)
			.filter(({ kind, name }) => (kind === "sensor") === wanted && parts.has(name))
			.map(({ name }) => parts.get(name).element);
	const update = (now) => {
		header.update(now.date, now.vitals);
		vitals.update(now.vitals);
		document.body.classList.toggle("is-off", !now.vitals.on);
		for (const [name, part] of Object.entries(now.parts))
			parts.get(name)?.update(part, part.kind === "sensor" ? now.channels : now.vitals);
		self.update(now.channels, now.parts);
	};
	update(state);
	const section = (title, className, elements) =>
		elements.length > 0 &&
		h(
			"section",
			{ class: className, "aria-label": title },
			h("h2", { text: title }),
			h("div", { class: "cards" }, ...elements),
		);
	const main = h(
		"main",
		{ class: "desk" },
		h(
			"div",
			{ class: "desk-board" },
			section(t("outputs"), "outputs", cards(false)),
			section(t("sensors"), "sensors", [...cards(true), self.element]),
		),
		h("div", { class: "desk-talk" }, h("div", { class: "talk" }, traffic.element, log.element)),
	);
	return {
		elements: [header.element, vitals.element, main],
		update(now, { messages = [], log: lines = [], dropped }) {
			update(now);
			if (messages.length > 0 || dropped) traffic.add(messages, dropped);
			if (lines.length > 0) log.add(lines);
		},
	};
}
