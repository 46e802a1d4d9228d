import { COLOR_MODE, EFFECTS, type Effect, type LightKind } from "../description/lights";
import { type JsonObject, jsonObject, quote } from "../output/payload";

/** What a light is told to show. Brightness and colours are 0..255. */
export interface LightState {
	on: boolean;
	brightness: number;
	red: number;
	green: number;
	blue: number;
	effect: Effect;
}

/** An accepted order: the state to come, and how to get there. */
export interface LightOrder extends LightState {
	/** Seconds: 0..300 */
	transition: number;
	/** Seconds to flash before the state shows: 0 (not at all)..60. */
	flash: number;
}

const MEMBERS = Object.freeze(["state", "brightness", "color", "color_mode", "effect", "transition", "flash"]);
/** Of `color`. */
const COLORS = Object.freeze(["r", "g", "b"]);
const LONGEST_TRANSITION = 300;
const LONGEST_FLASH = 60;
/** Home Assistant sends seconds, those that it was told for `short` and `long`. */
export const FLASH = Object.freeze({ short: 2, long: 6 });

/**
 * Reads an order: `ON`, `OFF`, `TOGGLE`, `0`..`100` (percent), or Home Assistant's JSON light schema.
 * What it leaves out stays as in `state`. Throws an Error that says what was wrong; `state` is never changed.
 */
export function parseLightOrder(text: string, kind: LightKind, state: Readonly<LightState>): LightOrder {
	const order: LightOrder = { ...state, transition: 0, flash: 0 };
	if (text.startsWith("{")) parseObject(jsonObject(text, MEMBERS, COLORS), kind, order);
	else if (/^[0-9]{1,3}(\.[0-9]{1,6})?$/.test(text)) {
		const percent = Number(text);
		if (percent > 100) throw new Error(`${text} percent is outside 0..100`);
		setBrightness(order, Math.round(percent * 2.55), kind);
	} else if (!setState(order, text)) throw new Error(`${quote(text)} is not ON, OFF, TOGGLE, 0..100 or a JSON object`);
	if (!order.on) order.effect = "none";
	return order;
}

function setState(order: LightOrder, text: unknown): boolean {
	if (text === "ON") order.on = true;
	else if (text === "OFF") order.on = false;
	else if (text === "TOGGLE") order.on = !order.on;
	else return false;
	return true;
}

/** Brightness 0 is off, and the former brightness is kept for the next ON. */
function setBrightness(order: LightOrder, brightness: number, kind: LightKind): void {
	order.on = brightness > 0;
	if (order.on && kind !== "on-off") order.brightness = brightness;
}

function parseObject({ members, unknown }: JsonObject, kind: LightKind, order: LightOrder): void {
	if (unknown !== undefined) throw new Error(`${quote(unknown)} is unknown, expected one of ${MEMBERS.join(", ")}`);
	if (Object.keys(members).length === 0) throw new Error("an empty JSON object orders nothing");
	const { state, brightness, color, color_mode, effect, transition, flash } = members;

	if (state === undefined) order.on = true;
	else if (!setState(order, state)) throw new Error(`state ${quote(state)} is not ON, OFF or TOGGLE`);
	if (brightness !== undefined) {
		if (kind === "on-off") throw new Error("has no brightness");
		const value = byte("brightness", brightness);
		if (order.on) setBrightness(order, value, kind);
		else if (value > 0) order.brightness = value;
	}
	if (color !== undefined) setColor(order, color, kind);
	if (color_mode !== undefined && color_mode !== COLOR_MODE[kind])
		throw new Error(`color_mode ${quote(color_mode)} is not ${COLOR_MODE[kind]}`);
	if (effect !== undefined) {
		if (!EFFECTS[kind].includes(effect as Effect))
			throw new Error(`effect ${quote(effect)} is none of ${EFFECTS[kind].join(", ")}`);
		order.effect = effect as Effect;
	}
	if (transition !== undefined) {
		if (typeof transition !== "number" || !(transition >= 0 && transition <= LONGEST_TRANSITION))
			throw new Error(`transition ${quote(transition)} is outside 0..${LONGEST_TRANSITION} s`);
		order.transition = transition;
	}
	if (flash !== undefined) {
		const seconds = flash === "short" || flash === "long" ? FLASH[flash] : flash;
		if (typeof seconds !== "number" || !(seconds > 0 && seconds <= LONGEST_FLASH))
			throw new Error(`flash ${quote(flash)} is not short, long, or up to ${LONGEST_FLASH} s`);
		order.flash = seconds;
	}
}

function setColor(order: LightOrder, color: unknown, kind: LightKind): void {
	if (kind !== "rgb") throw new Error("has no color");
	if (typeof color !== "object" || color === null) throw new Error('color is not {"r":0..255,"g":0..255,"b":0..255}');
	const { r, g, b } = color as Record<string, unknown>;
	order.red = byte("color.r", r);
	order.green = byte("color.g", g);
	order.blue = byte("color.b", b);
}

function byte(name: string, value: unknown): number {
	if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 255)
		throw new Error(`${name} ${quote(value)} is outside 0..255`);
	return value;
}
