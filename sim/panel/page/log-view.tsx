import { useState } from "preact/hooks";
import type { LogView as Line } from "../protocol";
import { t, time } from "./text/text";

const ROWS = 200;
const LEVELS = ["debug", "info", "warn", "error"];

/** The node's log, the latest line on top; what follows a line, as a stack trace does, opens. */
export function LogView({ lines }: { readonly lines: readonly Line[] }) {
	const [least, setLeast] = useState(0);
	// A line of an unknown level is always shown.
	const shown = lines.filter(({ level }) => !LEVELS.includes(level) || LEVELS.indexOf(level) >= least);
	return (
		<>
			<div class="toolbar">
				<label class="tick">
					{t("minimum")}
					<select value={least} onChange={({ currentTarget }) => setLeast(Number(currentTarget.value))}>
						{LEVELS.map((name, rank) => (
							<option key={name} value={rank}>
								{rank === 0 ? t("all") : name}
							</option>
						))}
					</select>
				</label>
			</div>
			{shown.length === 0 && <p class="faint empty">{t("noLines")}</p>}
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll it */}
			<ol class="rows" tabIndex={0} aria-label={t("log")}>
				{shown
					.slice(-ROWS)
					.reverse()
					.map((line, index) => (
						<LogRow key={`${line.date} ${shown.length - index}`} line={line} />
					))}
			</ol>
		</>
	);
}

function LogRow({ line: { date, level, text } }: { readonly line: Line }) {
	const [first = "", ...trace] = text.split("\n");
	return (
		<li class={`row line ${LEVELS.includes(level) ? level : "info"}`}>
			<time>{time(date)}</time>
			<span class="level">{level}</span>
			<div class="words">
				{first}
				{trace.length > 0 && (
					<details open>
						<summary>{t("trace")}</summary>
						<pre>{trace.join("\n")}</pre>
					</details>
				)}
			</div>
		</li>
	);
}
