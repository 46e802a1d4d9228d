import { Component } from "preact";
import { useState } from "preact/hooks";
import type { PacketView } from "../../protocol";
import { t, time } from "../text/text";
import { PacketDetails } from "./packet-details";
import type { TalkProps } from "./talk";
import { isFilter, isValid, matches } from "./topic-filter";

/** Rows that are shown. */
const ROWS = 150;

/** The node's MQTT packets, the latest on top. A row opens as its bytes. */
export function Traffic({ state, link }: TalkProps) {
	const [filter, setFilter] = useState("");
	const [messagesOnly, setMessagesOnly] = useState(true);
	const [frozen, setFrozen] = useState<readonly PacketView[]>();
	const [opened, open] = useState<PacketView>();
	const typed = filter.trim();
	const wrong = isFilter(typed) && !isValid(typed);
	const packets = frozen ?? state.packets;
	const wanted = ({ message }: PacketView) =>
		message ? wrong || matches(typed, message) : !messagesOnly && (typed === "" || wrong);
	const rows = packets.filter(wanted).slice(-ROWS).reverse();
	const fresh = frozen ? state.packets.filter(({ number }) => number > (frozen.at(-1)?.number ?? 0)).length : 0;
	return (
		<>
			<div class="toolbar">
				<input
					type="search"
					placeholder={t("filterHint")}
					aria-label={t("filter")}
					aria-invalid={wrong}
					spellcheck={false}
					autocomplete="off"
					value={filter}
					onInput={({ currentTarget }) => setFilter(currentTarget.value)}
				/>
				<label class="tick">
					<input
						type="checkbox"
						checked={messagesOnly}
						onChange={({ currentTarget }) => setMessagesOnly(currentTarget.checked)}
					/>
					{t("onlyMessages")}
				</label>
				<button
					type="button"
					class="quiet"
					aria-pressed={frozen !== undefined}
					onClick={() => setFrozen(frozen ? undefined : state.packets)}
				>
					{frozen ? t("resume", { count: fresh }) : t("pause")}
				</button>
			</div>
			{wrong && (
				<p class="error inset" role="alert">
					{t("filterWrong")}
				</p>
			)}
			{link.dropped > 0 && <p class="faint empty">{t("dropped", { count: link.dropped })}</p>}
			{rows.length === 0 && <p class="faint empty">{t(packets.length === 0 ? "noMessages" : "noMatch")}</p>}
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll it */}
			<ol class="rows" tabIndex={0} aria-label={t("traffic")}>
				{rows.map((packet) => (
					<Row
						key={packet.number}
						packet={packet}
						base={state.base}
						opened={opened?.number === packet.number}
						language={t("sent")}
						onOpen={open}
					>
						{opened?.number === packet.number && <PacketDetails packet={packet} packets={packets} />}
					</Row>
				))}
			</ol>
		</>
	);
}

interface RowProps {
	readonly packet: PacketView;
	readonly base: string;
	readonly opened: boolean;
	/** Draws it anew in another language. */
	readonly language: string;
	readonly children: preact.ComponentChildren;
	onOpen(packet: PacketView | undefined): void;
}

/** Drawn anew only when it has to be: there are many. Not by `memo` of preact/compat, whose loading makes `onChange` of all fields `onInput`. */
class Row extends Component<RowProps> {
	/** An open row follows what answers it. */
	override shouldComponentUpdate(next: RowProps): boolean {
		const { opened, packet, language } = this.props;
		return next.opened || next.opened !== opened || next.packet !== packet || next.language !== language;
	}

	override render({ packet, base, opened, children, onOpen }: RowProps) {
		const { number, date, direction, type, id, length, message } = packet;
		const out = direction === "out";
		return (
			<li class={`row ${direction}`} data-type={type}>
				<button
					type="button"
					class="summary"
					aria-expanded={opened}
					onClick={() => onOpen(opened ? undefined : packet)}
					data-packet={number}
				>
					<time>{time(date)}</time>
					<span class="arrow" role="img" aria-label={t(out ? "sent" : "received")}>
						{out ? "↑" : "↓"}
					</span>
					{message ? (
						<Topic topic={message.topic} base={base} />
					) : (
						<span class="topic">
							<span class="own">
								{type}
								{id !== undefined && ` ${id}`}
							</span>
						</span>
					)}
					<span class="tags">
						{message?.dup && <span class="tag">{t("duplicate")}</span>}
						{message?.retain && <span class="tag">{t("retained")}</span>}
						{message && <span class="tag">QoS {message.qos}</span>}
						<span class="tag">{t("bytes", { size: message ? message.size : length })}</span>
					</span>
					{message && <span class="payload">{message.payload === "" ? t("emptyPayload") : message.payload}</span>}
				</button>
				{children}
			</li>
		);
	}
}

function Topic({ topic, base }: { readonly topic: string; readonly base: string }) {
	const own = topic.startsWith(`${base}/`);
	return (
		<span class="topic">
			<span class="base">{own ? `${base}/` : ""}</span>
			<span class="own">{own ? topic.slice(base.length + 1) : topic}</span>
		</span>
	);
}
