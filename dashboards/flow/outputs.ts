import { EFFECTS, type LightKind } from "../../modules/description/lights";
import type { OutputView } from "../view";
import type { Tab } from "./tab";

const COLOR_ORDER = `const [r, g, b] = [1, 3, 5].map((at) => parseInt(msg.payload.slice(at, at + 2), 16));
return { payload: { color: { r, g, b } } };`;
const EFFECT_ORDER = "return { payload: { effect: msg.payload } };";

/** JavaScript of what each widget of a light shows of its state. */
const SHOWN = {
	switch: "{ payload: payload.state }",
	brightness: '{ payload: payload.state === "ON" ? Math.round(payload.brightness / 2.55) : 0 }',
	color: '{ payload: "#" + ["r", "g", "b"].map((one) => payload.color[one].toString(16).padStart(2, "0")).join("") }',
	effect: "{ payload: payload.effect }",
};

/** A relay: its switch. */
export function addRelay(tab: Tab, group: string, relay: OutputView<"relay">): void {
	const id = `relay ${relay.name}`;
	tab.row();
	tab.subscribe(`${id} state`, relay.topic, "utf8", [`${id} switch`]);
	addSwitch(tab, group, id, relay);
	tab.row();
	addToggle(tab, id);
}

/** A light: its switch; brightness, colour and effect as its kind has them. */
export function addLight(tab: Tab, group: string, light: OutputView<LightKind>): void {
	const { name, kind, title, topic } = light;
	const id = `led ${name}`;
	const widgets: (keyof typeof SHOWN)[] = ["switch", "effect"];
	if (kind !== "on-off") widgets.splice(1, 0, "brightness");
	if (kind === "rgb") widgets.splice(2, 0, "color");
	const show = `const { payload } = msg;\nreturn [\n${widgets.map((widget) => `\t${SHOWN[widget]},\n`).join("")}];`;
	tab.row();
	tab.subscribe(`${id} state`, topic, "json", [`${id} show`]);
	tab.code(
		`${id} show`,
		1,
		"state to widgets",
		show,
		widgets.map((widget) => [`${id} ${widget}`]),
	);
	addSwitch(tab, group, id, light);
	tab.row();
	addToggle(tab, id);
	if (widgets.includes("brightness"))
		tab.widget("ui-slider", `${id} brightness`, group, { label: `${title}: brightness, %` }, [`${id} order`]);
	if (widgets.includes("color")) {
		tab.row();
		tab.widget("ui-text-input", `${id} color`, group, { label: `${title}: colour` }, [`${id} color order`]);
		tab.code(`${id} color order`, 3, "colour", COLOR_ORDER, [[`${id} order`]]);
	}
	tab.row();
	const options = EFFECTS[kind].map((value) => ({ value, label: value, type: "str" }));
	tab.widget("ui-dropdown", `${id} effect`, group, { label: `${title}: effect`, options }, [`${id} effect order`]);
	tab.code(`${id} effect order`, 3, "effect", EFFECT_ORDER, [[`${id} order`]]);
}

function addSwitch(tab: Tab, group: string, id: string, { title, order }: OutputView): void {
	tab.widget("ui-switch", `${id} switch`, group, { label: title }, [`${id} order`]);
	tab.publish(`${id} order`, order);
}

/** A button of the editor, to try it without the dashboard. */
function addToggle(tab: Tab, id: string): void {
	tab.add("inject", `${id} toggle`, 0, { name: "toggle", payload: "TOGGLE", payloadType: "str" }, [[`${id} order`]]);
}
