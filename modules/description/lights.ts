import type { LightDescription } from "./description";

export type LightKind = LightDescription["kind"];
export type Effect = "none" | "blink" | "pulse" | "fade";

/** The effects of each kind of light. */
export const EFFECTS: Readonly<Record<LightKind, readonly Effect[]>> = Object.freeze({
	"on-off": Object.freeze(["none", "blink"] as const),
	dimmable: Object.freeze(["none", "blink", "pulse", "fade"] as const),
	rgb: Object.freeze(["none", "blink", "pulse", "fade"] as const),
});
/** `color_mode` of Home Assistant's JSON light schema. */
export const COLOR_MODE: Readonly<Record<LightKind, string>> = Object.freeze({
	"on-off": "onoff",
	dimmable: "brightness",
	rgb: "rgb",
});
