import type { BrokerLink } from "../broker-link";
import { t } from "../text/text";

interface Branch {
	readonly name: string;
	readonly topic: string;
	value?: string;
	readonly branches: Map<string, Branch>;
}

/** What the broker retains below the node's base, level by level. */
export function RetainedTree({ base, broker }: { readonly base: string; readonly broker: BrokerLink }) {
	const trunk: Branch = { name: base, topic: base, branches: new Map() };
	for (const [topic, { payload, retained }] of [...broker.topics].sort(([a], [b]) => a.localeCompare(b))) {
		if (!retained || !topic.startsWith(`${base}/`)) continue;
		let branch = trunk;
		for (const name of topic.slice(base.length + 1).split("/")) {
			const inner = branch.branches.get(name) ?? { name, topic: `${branch.topic}/${name}`, branches: new Map() };
			branch.branches.set(name, inner);
			branch = inner;
		}
		branch.value = payload;
	}
	return (
		<section class="retained" aria-label={t("retainedTopics")}>
			<h3>{t("retainedTopics")}</h3>
			{trunk.branches.size === 0 ? (
				<p class="faint note">{t("noRetained", { base })}</p>
			) : (
				<ul class="tree mono">
					<BranchView branch={trunk} />
				</ul>
			)}
		</section>
	);
}

function BranchView({ branch }: { readonly branch: Branch }) {
	const { name, topic, value, branches } = branch;
	return (
		<li>
			<span class="leaf" data-topic={value === undefined ? undefined : topic}>
				<span class={value === undefined ? "stem" : "name"}>{name}</span>
				{value !== undefined && <span class="fruit">{value}</span>}
			</span>
			{branches.size > 0 && (
				<ul>
					{[...branches.values()].map((inner) => (
						<BranchView key={inner.topic} branch={inner} />
					))}
				</ul>
			)}
		</li>
	);
}
