import { h, paced, say, slider, svg, toggle } from "./dom.js";
import { number, t } from "./text.js";

/** Cards of what a node drives, and of its buttons, by the part's kind. Each has `update(part, vitals)`. */
export const outputs = { led, strip, relay, button };

/** The longest hold that the simulator takes (ms). */
const LONGEST_PRESS = 60_000;

function card(part, kind, figure, controls, error) {
	return h(
		"section",
		{ class: `card part ${kind}`, "aria-label": part.title },
		h("header", {}, h("h3", { text: part.title }), h("span", { class: "wiring", text: part.wiring })),
		h("div", { class: "part-body" }, figure, controls),
		error,
	);
}

function led(part, act) {
	const bulb = h("span", { class: "bulb" });
	const well = h("div", { class: "well" }, bulb);
	const controls = lightControls(part, act, part.dimmable, false);
	return {
		element: card(part, "led", well, controls.element, controls.error),
		update(now, vitals) {
			shine(well, now.brightness);
			controls.update(now, vitals, now.brightness > 0);
		},
	};
}

function strip(part, act) {
	const bar = h("div", { class: "strip-bar" });
	const controls = lightControls(part, act, true, true);
	return {
		element: card(part, "strip", h("div", { class: "well" }, bar), controls.element, controls.error),
		update(now, vitals) {
			const pixels = now.pixels.match(/.{6}/g) ?? [];
			while (bar.childElementCount < pixels.length) bar.append(h("span", { class: "bulb" }));
			let lit = false;
			pixels.forEach((pixel, index) => {
				const [red, green, blue] = bytes(pixel);
				const level = Math.max(red, green, blue) / 255;
				lit ||= level > 0;
				shine(
					bar.children[index],
					level,
					level > 0 ? [red, green, blue].map((byte) => Math.round(byte / level)) : undefined,
				);
			});
			controls.update(now, vitals, lit);
		},
	};
}

/** Shows a LED's light: eyes see a tenth of the power as a third of the light. */
function shine(bulb, level, color) {
	bulb.style.setProperty("--shine", level > 0 ? (0.2 + 0.8 * Math.sqrt(level)).toFixed(3) : "0");
	if (color) bulb.style.setProperty("--color", `rgb(${color.join(" ")})`);
}

/** Switch, brightness and colour of a light: each sends an order over MQTT. */
function lightControls(part, act, dimmable, colourful) {
	const error = h("p", { class: "error", role: "alert" });
	const order = (members) => act({ type: "order", topic: part.topic, payload: JSON.stringify(members) }, error);
	const power = toggle(t("switchOn", { title: part.title }), (on) => order({ state: on ? "ON" : "OFF" }));
	const percent = h("output", { class: "percent" });
	const tell = (brightness) => say(percent, `${number(Math.round(brightness / 2.55))} %`);
	const brightness = slider({
		label: `${part.title}: ${t("brightness")}`,
		min: 1,
		max: 255,
		step: 1,
		onInput: tell,
		onSend: (value) => order({ state: "ON", brightness: value }),
	});
	const colour = h("input", { type: "color", "aria-label": `${part.title}: ${t("colour")}`, title: t("colour") });
	let picked = 0;
	const sendColour = paced((value) => {
		const [r, g, b] = bytes(value.slice(1));
		order({ state: "ON", color: { r, g, b } });
	});
	colour.addEventListener("input", () => {
		picked = performance.now();
		sendColour(colour.value);
	});
	const note = h("p", { class: "faint note" });
	const row = h("div", { class: "control-row" }, power.element, colourful && colour, dimmable && percent);
	return {
		error,
		element: h("div", { class: "controls" }, row, dimmable && brightness.element, note),
		update({ state, topic }, { orders, on }, lit) {
			const said = parse(state);
			power.show(said.state ? said.state === "ON" : lit);
			if (said.brightness !== undefined) {
				brightness.show(said.brightness);
				brightness.describe(`${Math.round(said.brightness / 2.55)} %`);
				if (document.activeElement !== brightness.element) tell(said.brightness);
			}
			if (said.color && performance.now() - picked > 800) {
				const { r, g, b } = said.color;
				colour.value = `#${[r, g, b].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
			}
			for (const control of [power, brightness]) control.enable(orders && on);
			colour.disabled = !(orders && on);
			say(note, orders ? "" : t("ordersElsewhere", { topic }));
		},
	};
}

/** The bytes of hexadecimal digits. */
function bytes(digits) {
	return digits.match(/../g).map((byte) => Number.parseInt(byte, 16));
}

function parse(state) {
	try {
		const value = JSON.parse(state);
		return typeof value === "object" && value !== null ? value : {};
	} catch {
		return {};
	}
}

function relay(part, act) {
	const error = h("p", { class: "error", role: "alert" });
	const power = toggle(t("switchOn", { title: part.title }), (on) =>
		act({ type: "order", topic: part.topic, payload: on ? "ON" : "OFF" }, error),
	);
	const figure = svg(
		'viewBox="0 0 96 48"><path class="wire" d="M4 34h22M66 34h26"/><circle class="pole" cx="28" cy="34" r="4"/><circle class="pole" cx="64" cy="34" r="4"/><path class="lever" d="M28 34h37"/>',
		"contact",
	);
	const state = h("span", { class: "faint" });
	const note = h("p", { class: "faint note" });
	const controls = h("div", { class: "controls" }, h("div", { class: "control-row" }, power.element, state), note);
	const element = card(part, "relay", h("div", { class: "well" }, figure), controls, error);
	return {
		element,
		update({ on, topic }, vitals) {
			element.classList.toggle("is-on", on);
			power.show(on);
			power.enable(vitals.orders && vitals.on);
			say(state, t(on ? "closed" : "released"));
			say(note, vitals.orders ? "" : t("ordersElsewhere", { topic }));
		},
	};
}

/** Pressed as long as a finger, the mouse or a key holds it. */
function button(part, act) {
	const error = h("p", { class: "error", role: "alert" });
	const name = part.name.slice(part.name.indexOf("/") + 1);
	let held = false;
	const press = () => {
		if (held) return;
		held = true;
		act({ type: "press", button: name, milliseconds: LONGEST_PRESS }, error);
	};
	const release = () => {
		if (!held) return;
		held = false;
		act({ type: "release", button: name }, error);
	};
	const key = h("button", {
		type: "button",
		class: "push",
		"aria-label": `${t("press")} ${part.title}`,
		title: t("pressHint"),
		onpointerdown: (event) => {
			if (event.button !== 0) return;
			event.currentTarget.setPointerCapture(event.pointerId);
			press();
		},
		onpointerup: release,
		onpointercancel: release,
		onlostpointercapture: release,
		oncontextmenu: (event) => event.preventDefault(),
		onkeydown: (event) => {
			if (event.key !== " " && event.key !== "Enter") return;
			event.preventDefault();
			press();
		},
		onkeyup: (event) => {
			if (event.key === " " || event.key === "Enter") release();
		},
		onblur: release,
	});
	addEventListener("pagehide", release);
	const hint = part.toggles && h("p", { class: "faint note", text: t("toggles", { what: part.toggles }) });
	const controls = h("div", { class: "controls" }, h("p", { class: "note", text: t("pressHint") }), hint);
	return {
		element: card(part, "button", h("div", { class: "well" }, key), controls, error),
		update({ pressed }) {
			key.setAttribute("aria-pressed", String(pressed));
		},
	};
}
