import { signal } from "../signal";
import { recall, remember } from "../storage";
import { en, type TextName } from "./en";
import { pt } from "./pt";

export type { TextName } from "./en";
export type Language = keyof typeof texts;

const texts = { en, pt };
const locales = { en: "en", pt: "pt-BR" } as const;
const KEY = "vagalume-language";

export const languages = Object.keys(texts) as Language[];
/** What the page speaks; a choice is remembered by the browser. */
export const language = signal<Language>(chosen());

function chosen(): Language {
	const stored = recall(KEY) as Language | undefined;
	if (stored && languages.includes(stored)) return stored;
	return navigator.language.toLowerCase().startsWith("pt") ? "pt" : "en";
}

export function speak(next: Language): void {
	remember(KEY, next);
	document.documentElement.lang = locales[next];
	language.set(next);
}

/** The text called `name`, with `{value}` replaced. */
export function t(name: TextName, values: Readonly<Record<string, string | number>> = {}): string {
	return texts[language.value][name].replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? ""));
}

/** The name of a quantity or a channel, where there is a text for it; else the name itself. */
export function named(name: string): string {
	return Object.hasOwn(en, name) ? t(name as TextName) : name;
}

/** Making one takes longer than using it a hundred times, and fifty nodes show hundreds of numbers. */
const formats = new Map<string, Intl.NumberFormat>();

function format(decimals: number, useGrouping: boolean): Intl.NumberFormat {
	const locale = locales[language.value];
	const key = `${locale} ${decimals} ${useGrouping}`;
	let made = formats.get(key);
	if (!made) {
		made = new Intl.NumberFormat(locale, {
			minimumFractionDigits: decimals,
			maximumFractionDigits: decimals,
			useGrouping,
		});
		formats.set(key, made);
	}
	return made;
}

/** A number as people of this language write it. */
export function number(value: number, decimals = 0): string {
	return format(decimals, true).format(value);
}

/** What a node says in a payload, as people of this language write it: with its decimals; what is no number as it is. */
export function readable(payload: string): string {
	const value = Number(payload);
	return payload === "" || Number.isNaN(value) ? payload : number(value, payload.split(".")[1]?.length ?? 0);
}

/** As `number`, for a field to type in: without marks between thousands. */
export function typeable(value: number, decimals = 0): string {
	return format(decimals, false).format(value);
}

/** Hours, minutes and seconds of a date in ms. */
export function time(date: number): string {
	return new Date(date).toLocaleTimeString(locales[language.value], { hourCycle: "h23" });
}
