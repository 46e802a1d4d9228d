import { useState } from "preact/hooks";
import type { NodeState } from "../../protocol";
import { named, t } from "../text/text";
import { Chart } from "./chart";
import { csvOf } from "./csv";

/** The node's telemetry over time: one chart a channel, on one time axis. */
export function Charts({ state }: { readonly state: NodeState }) {
	const [frozen, setFrozen] = useState<NodeState["history"]>();
	const [range, setRange] = useState<readonly [number, number]>();
	const history = frozen ?? state.history;
	const channels = Object.entries(state.channels).filter(([name]) => (history[name]?.length ?? 0) > 0);
	return (
		<>
			<div class="toolbar">
				<span class="faint hint-text">{t("zoomHint")}</span>
				{range && (
					<button type="button" class="quiet" onClick={() => setRange(undefined)}>
						{t("wholeRange")}
					</button>
				)}
				<button
					type="button"
					class="quiet"
					aria-pressed={frozen !== undefined}
					onClick={() => setFrozen(frozen ? undefined : state.history)}
				>
					{frozen ? t("goOn") : t("pause")}
				</button>
				<button
					type="button"
					class="quiet"
					disabled={channels.length === 0}
					onClick={() => save(`${state.id}.csv`, csvOf(state.channels, history))}
				>
					{t("saveCsv")}
				</button>
			</div>
			{channels.length === 0 && <p class="faint empty">{t("noValues")}</p>}
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll it */}
			<section class="charts rows" tabIndex={0} aria-label={t("history")}>
				{channels.map(([name, { title, unit }], index) => (
					<Chart
						key={name}
						title={named(title)}
						unit={unit}
						values={history[name]!}
						colour={index}
						range={range}
						onRange={setRange}
					/>
				))}
			</section>
		</>
	);
}

function save(name: string, text: string): void {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
	link.download = name;
	link.click();
	URL.revokeObjectURL(link.href);
}
