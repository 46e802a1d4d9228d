import { useEffect, useState } from "preact/hooks";
import type { NodeSummary } from "../protocol";
import { BrokerLink } from "./broker-link";
import { BrokerState } from "./broker-state";
import { PageHeader } from "./header";
import { NodeFigures } from "./node-figures";
import { NodeList } from "./node-list";
import { useSource } from "./signal";
import { language, number, t } from "./text/text";

/** All nodes at a glance; each leads to its page. */
export function Overview({ nodes }: { readonly nodes: readonly NodeSummary[] }) {
	const bases = nodes.map(({ base }) => base).join("\n");
	const [links, setLinks] = useState<{ broker: BrokerLink; figures: NodeFigures }>();
	useEffect(() => {
		const broker = new BrokerLink(bases.split("\n").map((base) => `${base}/#`));
		const figures = new NodeFigures(broker, bases.split("\n"));
		setLinks({ broker, figures });
		document.title = `Vagalume · ${nodes.length}`;
		return () => {
			figures.close();
			broker.close();
		};
	}, [bases]);
	return links ? <Nodes nodes={nodes} {...links} /> : null;
}

function Nodes(props: {
	readonly nodes: readonly NodeSummary[];
	readonly broker: BrokerLink;
	readonly figures: NodeFigures;
}) {
	const { nodes, broker, figures } = props;
	useSource(figures);
	useSource(language);
	const online = nodes.filter(({ base }) => figures.of(base).status === "online").length;
	return (
		<div class="page">
			<PageHeader
				title="Vagalume"
				subtitle={`${nodes.length} ${t("nodes").toLowerCase()} · ${online} ${t("online")} · ${t("rate", { count: number(figures.rate) })}`}
				home={false}
				status={online > 0 ? "online" : undefined}
			/>
			<main>
				<h2 class="hidden">{t("nodes")}</h2>
				<BrokerState broker={broker} />
				<NodeList nodes={nodes} figures={figures} />
			</main>
		</div>
	);
}
