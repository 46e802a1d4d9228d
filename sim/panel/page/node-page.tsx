import { useEffect, useState } from "preact/hooks";
import { BoardView } from "./board/board-view";
import { BoardLink } from "./board-link";
import { BrokerLink } from "./broker-link";
import { BrokerState } from "./broker-state";
import { PageHeader, StatusBadge } from "./header";
import { Talk } from "./mqtt/talk";
import { useSource } from "./signal";
import { language, t } from "./text/text";
import { theme } from "./theme";
import { Outputs } from "./world/outputs";
import { Sensors } from "./world/sensors";
import { WorldCards } from "./world/world-cards";

/** One node's page. Nothing in it is written for one node: all of it follows from the state. */
export function NodePage({ id, several }: { readonly id: string; readonly several: boolean }) {
	const [link, setLink] = useState<BoardLink>();
	useEffect(() => {
		const made = new BoardLink(id);
		setLink(made);
		return () => made.close();
	}, [id]);
	return link ? <Connected link={link} several={several} /> : null;
}

function Connected({ link, several }: { readonly link: BoardLink; readonly several: boolean }) {
	useSource(link);
	const { state, up } = link;
	return (
		<>
			{!up && state && (
				<p class="link-lost" role="alert">
					{t("lost")}
				</p>
			)}
			{state && <Page link={link} base={state.base} several={several} />}
		</>
	);
}

function Page({ link, base, several }: { readonly link: BoardLink; readonly base: string; readonly several: boolean }) {
	const [broker, setBroker] = useState<BrokerLink>();
	useEffect(() => {
		const made = new BrokerLink([`${base}/#`]);
		setBroker(made);
		// What the node publishes is seen on its own wire with the retain flag that the broker leaves out.
		const end = watchRetained(link, made);
		return () => {
			end();
			made.close();
		};
	}, [link, base]);
	return broker ? <Desk link={link} broker={broker} several={several} /> : null;
}

function watchRetained(link: BoardLink, broker: BrokerLink): () => void {
	const listener: Parameters<typeof link.packets.add>[0] = ({ direction, message }) => {
		if (direction === "out" && message?.retain) broker.retains(message.topic, message.payload);
	};
	link.packets.add(listener);
	return () => link.packets.delete(listener);
}

interface DeskProps {
	readonly link: BoardLink;
	readonly broker: BrokerLink;
	readonly several: boolean;
}

function Desk({ link, broker, several }: DeskProps) {
	useSource(link);
	useSource(broker);
	useSource(language);
	useSource(theme);
	const state = link.state!;
	const { name, id, place, board, base, vitals } = state;
	const status = broker.topics.get(`${base}/status`)?.payload;
	useEffect(() => {
		document.title = `${name} · Vagalume`;
	}, [name]);
	return (
		<div class={`page ${vitals.on ? "" : "is-off"}`} inert={!link.up}>
			<PageHeader
				title={name}
				subtitle={[id, place, board].filter(Boolean).join(" · ")}
				home={several}
				status={status}
				aside={<StatusBadge status={status} />}
				broker={vitals.broker}
				date={state.date}
				pace={vitals.pace}
				onPace={(pace) => void link.act({ type: "pace", pace }).catch(() => {})}
			/>
			<BrokerState broker={broker} />
			<main class="desk">
				<div class="desk-board">
					<BoardView state={state} link={link} />
					<Outputs state={state} link={link} broker={broker} />
					<Sensors state={state} link={link} />
				</div>
				<div class="desk-talk">
					<WorldCards vitals={vitals} link={link} />
					<Talk state={state} link={link} broker={broker} />
				</div>
			</main>
		</div>
	);
}
