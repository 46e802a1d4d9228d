import { h, say, slider, svg, toggle } from "./dom.js";
import { number, t } from "./text.js";

/** What the status badge says: `online` only when the broker has been told so. */
export function statusOf({ on, up, status }) {
	if (!on) return "off";
	if (!up) return "noNetwork";
	return status === "online" ? "online" : "connecting";
}

/** Power, Wi-Fi and heap. */
export function vitalsCards(act) {
	const cards = [power(act), wifi(act), heap()];
	return {
		element: h("div", { class: "vitals" }, ...cards.map(({ element }) => element)),
		update(vitals) {
			for (const card of cards) card.update(vitals);
		},
	};
}

function power(act) {
	const state = h("strong");
	const reason = h("span", { class: "faint" });
	const error = h("p", { class: "error", role: "alert" });
	let on = true;
	const cut = h("button", { type: "button", onclick: () => act({ type: "power", on: !on }, error) });
	const reset = h("button", { type: "button", text: t("reset"), onclick: () => act({ type: "reset" }, error) });
	const icon = svg('viewBox="0 0 24 24"><path d="M12 3v9M6.600 6.600a8 8 0 1 0 10.800 0"/>', "icon");
	const element = h(
		"section",
		{ class: "card vital", "aria-label": t("power") },
		h(
			"div",
			{ class: "vital-head" },
			icon,
			h("h2", { text: t("power") }),
			h("span", { class: "vital-value" }, state, reason),
		),
		h("div", { class: "buttons" }, cut, reset),
		error,
	);
	return {
		element,
		update(vitals) {
			on = vitals.on;
			element.classList.toggle("is-off", !on);
			say(state, t(on ? "poweredOn" : "poweredOff"));
			say(reason, vitals.reason ? ` ${vitals.reason}` : "");
			say(cut, t(on ? "cutPower" : "powerOn"));
			cut.classList.toggle("danger", on);
			cut.classList.toggle("primary", !on);
			reset.disabled = !on;
		},
	};
}

/** Four bars from this many dBm up. */
const BARS = [-88, -78, -68, -58];

function wifi(act) {
	const error = h("p", { class: "error", role: "alert" });
	const value = h("strong");
	const icon = svg(
		`viewBox="0 0 24 24">${BARS.map((_, bar) => `<rect x="${3 + bar * 5}" y="${15 - bar * 4}" width="3.500" height="${5 + bar * 4}" rx="1"/>`).join("")}`,
		"icon bars",
	);
	const power = toggle(t("networkOn"), (up) => act({ type: "wifi", up }, error));
	const signal = slider({
		label: `${t("signal")} (dBm)`,
		min: -100,
		max: -20,
		step: 1,
		onInput: (dBm) => say(value, `${number(dBm)} dBm`),
		onSend: (dBm) => act({ type: "wifi", signal: dBm }, error),
	});
	return {
		element: h(
			"section",
			{ class: "card vital", "aria-label": t("network") },
			h(
				"div",
				{ class: "vital-head" },
				icon,
				h("h2", { text: t("network") }),
				h("span", { class: "vital-value" }, value),
				power.element,
			),
			signal.element,
			error,
		),
		update({ wifi: { up, RSSI, signal: set } }) {
			power.show(up);
			say(value, RSSI === undefined ? t("silence") : `${number(RSSI)} dBm`);
			const shown = set ?? RSSI;
			if (shown !== undefined) {
				signal.show(shown);
				signal.describe(`${shown} dBm`);
			}
			BARS.forEach((least, bar) => {
				icon.children[bar].classList.toggle("lit", RSSI !== undefined && RSSI >= least);
			});
		},
	};
}

function heap() {
	const used = h("strong");
	const limit = h("span", { class: "faint" });
	const peak = h("span", { class: "faint" });
	const bar = h("div", { class: "heap-bar", role: "meter", "aria-label": t("heap"), "aria-valuemin": "0" });
	const icon = svg(
		'viewBox="0 0 24 24"><path d="M7 7h10v10H7zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4"/>',
		"icon",
	);
	return {
		element: h(
			"section",
			{ class: "card vital", "aria-label": t("heap") },
			h(
				"div",
				{ class: "vital-head" },
				icon,
				h("h2", { text: t("heap") }),
				h("span", { class: "vital-value" }, used, " ", limit),
			),
			bar,
			h("div", { class: "heap-foot" }, peak),
		),
		update({ heap: figures }) {
			const { used: now = 0, peak: most = 0, limit: end = 1 } = figures ?? {};
			say(used, figures ? number(now) : "–");
			say(limit, figures ? t("heapOf", { limit: number(end) }) : "");
			say(peak, figures ? t("peak", { peak: number(most) }) : "");
			bar.style.setProperty("--used", `${((100 * now) / end).toFixed(1)}%`);
			bar.style.setProperty("--peak", `${((100 * most) / end).toFixed(1)}%`);
			bar.classList.toggle("tight", most > 0.9 * end);
			bar.setAttribute("aria-valuemax", String(end));
			bar.setAttribute("aria-valuenow", String(now));
		},
	};
}
