import { useState } from "preact/hooks";
import type { NodeState } from "../../protocol";
import type { BoardLink } from "../board-link";
import type { BrokerLink } from "../broker-link";
import { Charts } from "../history/charts";
import { LogView } from "../log-view";
import { type TextName, t } from "../text/text";
import { Topics } from "./topics";
import { Traffic } from "./traffic";

const tabs = ["traffic", "topics", "history", "log"] as const satisfies readonly TextName[];
type Tab = (typeof tabs)[number];

export interface TalkProps {
	readonly state: NodeState;
	readonly link: BoardLink;
	readonly broker: BrokerLink;
}

/** What the node says: one view at a time. Arrow keys go from tab to tab. */
export function Talk(props: TalkProps) {
	const [shown, show] = useState<Tab>("traffic");
	const turn = (event: KeyboardEvent) => {
		const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
		if (step === undefined) return;
		event.preventDefault();
		const next = tabs[(tabs.indexOf(shown) + step + tabs.length) % tabs.length]!;
		show(next);
		document.getElementById(`tab-${next}`)?.focus();
	};
	return (
		<section class="card talk" aria-label={t("views")}>
			<div class="tabs" role="tablist" aria-label={t("views")}>
				{tabs.map((tab) => (
					<button
						key={tab}
						type="button"
						role="tab"
						id={`tab-${tab}`}
						aria-selected={tab === shown}
						aria-controls="view"
						tabIndex={tab === shown ? 0 : -1}
						onClick={() => show(tab)}
						onKeyDown={turn}
					>
						{t(tab)}
					</button>
				))}
			</div>
			<div class="view" id="view" role="tabpanel" aria-labelledby={`tab-${shown}`}>
				{shown === "traffic" && <Traffic {...props} />}
				{shown === "topics" && <Topics {...props} />}
				{shown === "history" && <Charts state={props.state} />}
				{shown === "log" && <LogView lines={props.state.log} />}
			</div>
		</section>
	);
}
