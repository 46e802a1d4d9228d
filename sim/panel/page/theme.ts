import { signal } from "./signal";
import { recall, remember } from "./storage";

const KEY = "vagalume-theme";
export const themes = ["auto", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const stored = recall(KEY) as Theme | undefined;
export const theme = signal<Theme>(stored && themes.includes(stored) ? stored : "auto");

/** What the system wears. */
const day = matchMedia("(prefers-color-scheme: light)");

export function wear(next: Theme): void {
	remember(KEY, next);
	const system = day.matches ? "light" : "dark";
	document.documentElement.dataset["theme"] = next === "auto" ? system : next;
	theme.set(next);
}

day.addEventListener("change", () => wear(theme.value));
