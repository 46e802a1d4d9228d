import { h, say, slider } from "./dom.js";
import { number, t } from "./text.js";

/** Positions of a slider whose scale is logarithmic. */
const POSITIONS = 1000;

/** A sensor: what it meets, to be changed by hand. `update(part, channels)`. */
export function sensorCard(part, act) {
	const error = h("p", { class: "error", role: "alert" });
	const name = part.name.slice(part.name.indexOf("/") + 1);
	let plugged = true;
	const plug = h("button", {
		type: "button",
		class: "quiet",
		onclick: () => act({ type: "plug", sensor: name, plugged: !plugged }, error),
	});
	const rows = part.quantities.map((quantity) => quantityRow(quantity, act, error));
	const element = h(
		"section",
		{ class: "card part sensor", "aria-label": part.title },
		h(
			"header",
			{},
			h("h3", { text: part.title }),
			h("span", { class: "wiring", text: [part.driver, part.wiring].filter(Boolean).join(" · ") }),
			plug,
		),
		...rows.map((row) => row.element),
		error,
	);
	return {
		element,
		update(now, channels) {
			plugged = now.plugged;
			element.classList.toggle("is-unplugged", !plugged);
			say(plug, t(plugged ? "unplug" : "plugIn"));
			now.quantities.forEach((quantity, index) => {
				rows[index].update(quantity, channels[quantity.channel], plugged);
			});
		},
	};
}

function quantityRow(quantity, act, error) {
	const { name, low, high, step, unit } = quantity;
	const label = t(quantity.quantity);
	const decimals = step < 1 ? 1 : 0;
	const scale = scaleOf(quantity);
	const set = (value) => act({ type: "set", quantity: name, value }, error);
	const field = h("input", {
		type: "number",
		min: low,
		max: high,
		step: "any",
		"aria-label": `${label} (${unit})`,
		onchange: () => {
			const value = field.valueAsNumber;
			const fits = value >= low && value <= high;
			field.setAttribute("aria-invalid", String(!fits));
			say(error, fits ? "" : `${label}: ${t("outside", { low: number(low), high: `${number(high)} ${unit}` })}`);
			if (fits) set(value);
		},
		onkeydown: (event) => {
			if (event.key === "Enter") field.blur();
		},
	});
	const bar = slider({
		label,
		min: scale.min,
		max: scale.max,
		step: scale.step,
		onInput: (position) => {
			field.value = scale.value(position).toFixed(decimals);
		},
		onSend: (position) => set(scale.value(position)),
	});
	const release = h("button", {
		type: "button",
		class: "quiet release",
		text: t("release"),
		title: t("releaseHint"),
		"aria-label": `${t("release")}: ${label}`,
		onclick: () => act({ type: "release", quantity: name }, error),
	});
	const reported = h("span", { class: "faint reported" });
	const element = h(
		"div",
		{ class: "quantity" },
		h("div", { class: "quantity-head" }, h("span", { class: "label", text: label }), reported),
		h(
			"div",
			{ class: "quantity-body" },
			h("label", { class: "value" }, field, h("span", { text: unit })),
			bar.element,
			release,
		),
	);
	return {
		element,
		update({ value, held }, channel, plugged) {
			element.classList.toggle("is-held", held);
			release.disabled = !held;
			bar.show(scale.position(value));
			bar.describe(`${number(value, decimals)} ${unit}`);
			if (document.activeElement !== field && document.activeElement !== bar.element) {
				field.value = value.toFixed(decimals);
				field.removeAttribute("aria-invalid");
			}
			const last = channel?.value;
			if (!plugged) say(reported, t("unplugged"));
			else if (last === undefined) say(reported, channel ? t("notReported") : "");
			else say(reported, t("reported", { value: `${last} ${channel.unit}` }));
		},
	};
}

/** Light spans night and noon: a logarithmic scale where a quantity begins at 0 and has no end. */
function scaleOf({ low, high, step }) {
	if (low === 0 && high >= 10_000) {
		const end = Math.log1p(high);
		return {
			min: 0,
			max: POSITIONS,
			step: 1,
			value: (position) => Math.round(Math.expm1((position / POSITIONS) * end)),
			position: (value) => Math.round((Math.log1p(value) / end) * POSITIONS),
		};
	}
	const round = (value) => Math.round(value / step) / (1 / step);
	return { min: low, max: high, step, value: round, position: round };
}

/** What the node reports about itself: channels of sensors that are no parts. */
export function selfCard() {
	const list = h("dl", { class: "self-list" });
	const element = h(
		"section",
		{ class: "card part self", "aria-label": t("self") },
		h("header", {}, h("h3", { text: t("self") })),
		list,
	);
	const values = new Map();
	return {
		element,
		update(channels, parts) {
			for (const [name, { title, sensor, unit, value }] of Object.entries(channels)) {
				if (parts[`sensor/${sensor}`]) continue;
				let shown = values.get(name);
				if (!shown) {
					shown = h("dd");
					values.set(name, shown);
					list.append(h("div", {}, h("dt", { text: t(title) === title ? title : t(title) }), shown));
				}
				const figure = Number(value);
				say(
					shown,
					value === undefined
						? "–"
						: `${Number.isNaN(figure) ? value : number(figure, value.split(".")[1]?.length)} ${unit}`,
				);
			}
			element.hidden = values.size === 0;
		},
	};
}
