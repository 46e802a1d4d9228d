import { useEffect, useState } from "preact/hooks";
import type { NodeSummary } from "../protocol";
import { NodePage } from "./node-page";
import { Overview } from "./overview";
import { useSource } from "./signal";
import { language, t } from "./text/text";
import { theme } from "./theme";

/** Between two looks at the list of nodes (ms). */
const PACE = 2000;

/** One node's page, or the overview of several. */
export function App() {
	useSource(language);
	useSource(theme);
	const [nodes, setNodes] = useState<readonly NodeSummary[]>();
	const [lost, setLost] = useState(false);
	const [, , given] = location.pathname.split("/");
	const id = given === undefined ? undefined : decodeURIComponent(given);
	useEffect(() => {
		let timer = 0;
		let ended = false;
		const look = async () => {
			try {
				const list = (await (await fetch("/nodes")).json()) as NodeSummary[];
				if (ended) return;
				setNodes(list);
				setLost(false);
				if (list.length === 1 || id !== undefined) return;
			} catch {
				setLost(true);
			}
			if (!ended) timer = window.setTimeout(look, PACE);
		};
		look();
		return () => {
			ended = true;
			clearTimeout(timer);
		};
	}, [id]);
	const one = id ?? (nodes?.length === 1 ? nodes[0]!.id : undefined);
	if (one !== undefined) return <NodePage id={one} several={(nodes?.length ?? 0) > 1} />;
	return (
		<>
			{lost && (
				<p class="link-lost" role="alert">
					{t("lost")}
				</p>
			)}
			{nodes && <Overview nodes={nodes} />}
		</>
	);
}
