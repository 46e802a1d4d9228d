import type { ComponentChildren } from "preact";
import { type Language, language, languages, speak, t, time } from "./text/text";
import { theme, themes, wear } from "./theme";

const names: Readonly<Record<Language, string>> = { en: "English", pt: "Português" };
const themeNames = { auto: "themeAuto", light: "themeLight", dark: "themeDark" } as const;
const themeSigns = { auto: "◐", light: "☀", dark: "☾" } as const;

export interface HeaderProps {
	readonly title: string;
	readonly subtitle: string;
	readonly home: boolean;
	/** What `<base>/status` says at the broker; undefined: nothing yet. */
	readonly status?: string | undefined;
	readonly aside?: ComponentChildren;
	readonly broker?: string | undefined;
	readonly date?: number;
	/** How fast time goes; undefined: nobody can change it. */
	readonly pace?: number | undefined;
	onPace?(pace: number): void;
}

/** Times the wall clock. */
const PACES = [1, 10, 60];

/** The name of the page, the node's status, and what holds for all of the page. */
export function PageHeader({ title, subtitle, home, status, aside, broker, date, pace, onPace }: HeaderProps) {
	return (
		<header class="page-header" data-status={status}>
			<Firefly />
			<div class="who">
				<div class="name-row">
					<h1>{title}</h1>
					{aside}
				</div>
				<p class="faint">
					{home && (
						<>
							<a href="/">← {t("allNodes")}</a> ·{" "}
						</>
					)}
					{subtitle}
				</p>
			</div>
			<dl class="facts">
				{broker && (
					<div>
						<dt>{t("brokerAt")}</dt>
						<dd class="mono">{broker}</dd>
					</div>
				)}
				{date !== undefined && (
					<div>
						<dt>{t("nodeTime")}</dt>
						<dd class="mono">{time(date)}</dd>
					</div>
				)}
			</dl>
			<div class="choices">
				{pace !== undefined && (
					<fieldset class="choice" aria-label={t("pace")}>
						{PACES.map((times) => (
							<button
								key={times}
								type="button"
								title={`${t("pace")}: ${times}×`}
								aria-pressed={times === pace}
								onClick={() => onPace?.(times)}
							>
								{times}×
							</button>
						))}
					</fieldset>
				)}
				<fieldset class="choice" aria-label={t("language")}>
					{languages.map((name) => (
						<button
							key={name}
							type="button"
							lang={name === "pt" ? "pt-BR" : name}
							title={names[name]}
							aria-label={`${name.toUpperCase()}: ${names[name]}`}
							aria-pressed={name === language.value}
							onClick={() => speak(name)}
						>
							{name.toUpperCase()}
						</button>
					))}
				</fieldset>
				<fieldset class="choice" aria-label={t("theme")}>
					{themes.map((name) => (
						<button
							key={name}
							type="button"
							title={`${t("theme")}: ${t(themeNames[name])}`}
							aria-label={`${t("theme")}: ${t(themeNames[name])}`}
							aria-pressed={name === theme.value}
							onClick={() => wear(name)}
						>
							{themeSigns[name]}
						</button>
					))}
				</fieldset>
			</div>
		</header>
	);
}

/** The badge that `status` alone drives. */
export function StatusBadge({ status }: { readonly status: string | undefined }) {
	const known = status === "online" || status === "offline" ? status : "unknown";
	return (
		<span class="status" role="status" data-status={known} data-testid="status">
			{t(known)}
		</span>
	);
}

function Firefly() {
	return (
		<svg class="firefly" viewBox="0 0 64 64" aria-hidden="true">
			<defs>
				<radialGradient id="halo">
					<stop offset="0" stop-color="#fff0b0" />
					<stop offset=".3" stop-color="#ffd34d" stop-opacity=".75" />
					<stop offset="1" stop-color="#ffc93c" stop-opacity="0" />
				</radialGradient>
				<linearGradient id="tail" x1="0" y1="0" x2="0" y2="1">
					<stop offset="0" stop-color="#fff6d2" />
					<stop offset="1" stop-color="#ffc21f" />
				</linearGradient>
			</defs>
			<circle class="halo" cx="32" cy="41" r="22" fill="url(#halo)" />
			<path class="wing" d="M30 23C20 16 9 19 9 26.500 9 33 21 33 30 26Z" />
			<path class="wing" d="M34 23C44 16 55 19 55 26.500 55 33 43 33 34 26Z" />
			<path class="unlit" d="M27 32h10c1 7-.7 15-5 17-4.300-2-6-10-5-17Z" />
			<path class="tail" d="M27 32h10c1 7-.7 15-5 17-4.300-2-6-10-5-17Z" fill="url(#tail)" />
			<path class="body" d="M32 17.500c4.200 0 5.700 4.500 5.700 14.500H26.300c0-10 1.500-14.500 5.700-14.500Z" />
			<circle class="head" cx="32" cy="16" r="4.500" />
			<path class="feeler" d="M30 12.500C29 9.500 27 8 24.800 8M34 12.500C35 9.500 37 8 39.200 8" />
		</svg>
	);
}
