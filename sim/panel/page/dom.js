/**
 * An element: `h("button", { class: "calm", onclick: act, "aria-label": "..." }, "text", child)`. Members that start with
 * `on` are listeners, `text` is its text, undefined and false are left out.
 */
export function h(tag, properties = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(properties)) {
		if (value === undefined || value === false) continue;
		if (name === "text") element.textContent = value;
		else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
		else element.setAttribute(name, value === true ? "" : value);
	}
	element.append(...children.filter((child) => child !== undefined && child !== false));
	return element;
}

/** A drawing from markup of this page's own. */
export function svg(markup, name = "") {
	const text = `<svg xmlns="http://www.w3.org/2000/svg" class="${name}" aria-hidden="true" focusable="false" ${markup}</svg>`;
	return document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
}

/** Changes text only when it differs: a selection on it survives. */
export function say(element, text) {
	if (element.textContent !== text) element.textContent = text;
}

/** A switch: a button that is on or off. `element.show(on)` sets what it shows. */
export function toggle(label, onToggle) {
	let on = false;
	const element = h("button", {
		type: "button",
		class: "switch",
		role: "switch",
		"aria-checked": "false",
		"aria-label": label,
		onclick: () => onToggle(!on),
	});
	return {
		element,
		show(value) {
			on = value;
			element.setAttribute("aria-checked", String(value));
		},
		enable(enabled) {
			element.disabled = !enabled;
		},
	};
}

/** Calls `send` with the latest value, 100 ms after the first of those that came since the last call. */
export function paced(send) {
	let waiting = false;
	let latest;
	return (value) => {
		latest = value;
		if (waiting) return;
		waiting = true;
		setTimeout(() => {
			waiting = false;
			send(latest);
		}, 100);
	};
}

/** Moves further than this long ago (ms) are over: what the node tells is shown again. */
const HAND = 800;

/**
 * A slider whose values go out at most ten times a second, the last one always. `show` does not move it while a hand
 * does. `onInput` is called at each move, `onSend` with what has to go out.
 */
export function slider({ label, min, max, step, onInput = () => {}, onSend }) {
	let moved = -HAND;
	const send = paced(onSend);
	const element = h("input", { type: "range", min, max, step, "aria-label": label });
	const paint = () => {
		const part = (element.value - min) / (max - min);
		element.style.setProperty("--fill", `${(part * 100).toFixed(1)}%`);
	};
	element.addEventListener("input", () => {
		moved = performance.now();
		paint();
		onInput(Number(element.value));
		send(Number(element.value));
	});
	// Until something is known it stands in the middle.
	element.value = String((min + max) / 2);
	paint();
	return {
		element,
		show(value) {
			if (performance.now() - moved < HAND) return;
			if (Number(element.value) !== value) element.value = String(value);
			paint();
		},
		describe(text) {
			element.setAttribute("aria-valuetext", text);
		},
		enable(enabled) {
			element.disabled = !enabled;
		},
	};
}
