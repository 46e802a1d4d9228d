import { h, say, svg } from "./dom.js";
import { language, languages, t, time } from "./text.js";
import { statusOf } from "./vitals.js";

const names = { en: "English", pt: "Português" };

const firefly = `viewBox="0 0 64 64"><defs><radialGradient id="h"><stop offset="0" stop-color="#fff0b0"/><stop offset=".3" stop-color="#ffd34d" stop-opacity=".75"/><stop offset="1" stop-color="#ffc93c" stop-opacity="0"/></radialGradient><linearGradient id="g" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fff6d2"/><stop offset="1" stop-color="#ffc21f"/></linearGradient></defs>
<circle class="halo" cx="32" cy="41" r="22" fill="url(#h)"/>
<path class="wing" d="M30 23C20 16 9 19 9 26.500 9 33 21 33 30 26Z"/><path class="wing" d="M34 23C44 16 55 19 55 26.500 55 33 43 33 34 26Z"/>
<path class="unlit" d="M27 32h10c1 7-.7 15-5 17-4.300-2-6-10-5-17Z"/><path class="tail" d="M27 32h10c1 7-.7 15-5 17-4.300-2-6-10-5-17Z" fill="url(#g)"/>
<path class="body" d="M32 17.500c4.200 0 5.700 4.500 5.700 14.500H26.300c0-10 1.500-14.500 5.700-14.500Z"/><circle class="head" cx="32" cy="16" r="4.500"/>
<path class="feeler" d="M30 12.500C29 9.500 27 8 24.800 8M34 12.500C35 9.500 37 8 39.200 8"/>`;

/** The name of the page, and what holds for all of it. `onLanguage(language)` is told a choice. */
export function pageHeader({ title, subtitle, home }, onLanguage) {
	const badge = h("span", { class: "status", role: "status" });
	const aside = h("span", { class: "faint aside" });
	const broker = h("dd", { class: "mono" });
	const clock = h("dd", { class: "mono" });
	const facts = h(
		"dl",
		{ class: "facts", hidden: true },
		h("div", {}, h("dt", { text: t("brokerAt") }), broker),
		h("div", {}, h("dt", { text: t("nodeTime") }), clock),
	);
	const choice = h(
		"div",
		{ class: "languages", role: "group", "aria-label": t("language") },
		...languages.map((name) =>
			h("button", {
				type: "button",
				lang: name === "pt" ? "pt-BR" : name,
				title: names[name],
				"aria-label": `${name.toUpperCase()}: ${names[name]}`,
				"aria-pressed": String(name === language),
				text: name.toUpperCase(),
				onclick: () => onLanguage(name),
			}),
		),
	);
	const element = h(
		"header",
		{ class: "page-header" },
		svg(firefly, "firefly"),
		h(
			"div",
			{ class: "who" },
			h("div", { class: "name-row" }, h("h1", { text: title }), badge, aside),
			h("p", { class: "faint" }, home && h("a", { href: "/", text: `← ${t("allNodes")}` }), home && " · ", subtitle),
		),
		facts,
		choice,
	);
	return {
		element,
		update(date, { on, wifi, status, broker: url }) {
			const state = statusOf({ on, up: wifi.up, status });
			element.dataset.status = state;
			badge.dataset.status = state;
			say(badge, t(state));
			say(aside, state !== "online" && status === "online" && state !== "connecting" ? t("stillOnline") : "");
			say(broker, url ?? "–");
			say(clock, time(date));
			facts.hidden = false;
		},
	};
}
