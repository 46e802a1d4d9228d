import { signal } from "./signal";
import { recall, remember } from "./storage";

const KEY = "vagalume-theme";
export const themes = ["auto", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const stored = recall(KEY) as Theme | undefined;
export const theme = signal<Theme>(stored && themes.includes(stored) ? stored : "auto");

export function wear(next: Theme): void {
	remember(KEY, next);
	const { dataset } = document.documentElement;
	if (next === "auto") delete dataset["theme"];
	else dataset["theme"] = next;
	theme.set(next);
}
