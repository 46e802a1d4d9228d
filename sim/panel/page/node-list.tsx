import { useState } from "preact/hooks";
import type { NodeSummary } from "../protocol";
import { StatusBadge } from "./header";
import type { NodeFigures } from "./node-figures";
import { named, readable, t } from "./text/text";

interface Props {
	readonly nodes: readonly NodeSummary[];
	readonly figures: NodeFigures;
}

/** A card for each node, and what finds one among many. */
export function NodeList({ nodes, figures }: Props) {
	const [typed, setTyped] = useState("");
	const [onlyAway, setOnlyAway] = useState(false);
	const words = typed.toLowerCase().split(" ");
	const found = nodes.filter(
		({ id, name, place, board, base }) =>
			!(onlyAway && figures.of(base).status === "online") &&
			words.every((word) => [id, name, place, board].some((text) => text?.toLowerCase().includes(word))),
	);
	return (
		<>
			<div class="node-filter">
				<input
					type="search"
					value={typed}
					aria-label={t("filter")}
					placeholder={t("nodesHint")}
					spellcheck={false}
					autocomplete="off"
					onInput={({ currentTarget }) => setTyped(currentTarget.value)}
				/>
				<label class="tick">
					<input
						type="checkbox"
						checked={onlyAway}
						onChange={({ currentTarget }) => setOnlyAway(currentTarget.checked)}
					/>
					{t("onlyAway")}
				</label>
				<span class="faint" role="status">
					{found.length < nodes.length && t("nodesFound", { count: found.length, all: nodes.length })}
				</span>
			</div>
			<ul class="node-list">
				{found.map((node) => (
					<NodeCard key={node.id} node={node} figures={figures} />
				))}
			</ul>
		</>
	);
}

function NodeCard({ node, figures }: { readonly node: NodeSummary; readonly figures: NodeFigures }) {
	const { id, name, place, board, base, on, units } = node;
	const { status, values, lit } = figures.of(base);
	return (
		<li>
			<a class={`card node-card ${on ? "" : "is-off"}`} href={`/nodes/${encodeURIComponent(id)}`} data-node={id}>
				<span class="node-head">
					<strong>{id}</strong>
					<StatusBadge status={status} />
				</span>
				<span class="faint">{[name, place, board].filter(Boolean).join(" · ")}</span>
				<span class="lamps">
					{[...lit].map(([light, colour]) => (
						<span
							key={light}
							class={`lamp ${colour ? "is-lit" : ""}`}
							title={light}
							style={{ "--color": colour ?? "transparent" }}
						/>
					))}
				</span>
				<span class="values">
					{[...values].map(([channel, value]) => (
						<span key={channel}>
							<span class="faint">{named(channel)}</span>{" "}
							<b>
								{readable(value)} {units[channel]}
							</b>
						</span>
					))}
				</span>
			</a>
		</li>
	);
}
