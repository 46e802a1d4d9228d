import { useMemo, useState } from "preact/hooks";
import type { PacketView } from "../../protocol";
import { type TextName, t, time } from "../text/text";
import { exchangeOf } from "./exchange";
import { type Field, fieldsOf } from "./packet-fields";

/** A packet as it crossed the wire: its exchange, its bytes by what they are, and its payload. */
export function PacketDetails({
	packet,
	packets,
}: {
	readonly packet: PacketView;
	readonly packets: readonly PacketView[];
}) {
	const bytes = useMemo(() => Uint8Array.from(atob(packet.bytes), (letter) => letter.charCodeAt(0)), [packet]);
	const fields = useMemo(() => fieldsOf(bytes, packet.version), [packet]);
	const [pointed, point] = useState<number>();
	return (
		<div class="details" data-testid="details">
			<ExchangeView packet={packet} packets={packets} />
			<pre class="bytes" onPointerLeave={() => point(undefined)}>
				{fields.map((field, index) => (
					<span
						key={field.from}
						class={`field ${field.part} ${pointed === index ? "pointed" : ""}`}
						title={`${t(field.part)} · ${field.name}: ${field.value}`}
						onPointerEnter={() => point(index)}
					>
						{hex(bytes, field)}
					</span>
				))}
			</pre>
			{packet.length > bytes.length && (
				<p class="faint note">{t("cut", { count: bytes.length, length: packet.length })}</p>
			)}
			<table class="fields" aria-label={t("fields")}>
				<tbody>
					{fields.map((field, index) => (
						<tr key={field.from} class={pointed === index ? "pointed" : ""} onPointerEnter={() => point(index)}>
							<td>
								<span class={`field ${field.part}`}>{t(field.part satisfies TextName)}</span>
							</td>
							<th scope="row">{field.name}</th>
							<td class="mono">
								{field.part === "payload" && packet.type === "PUBLISH" ? pretty(field.value) : field.value}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

function ExchangeView({ packet, packets }: { readonly packet: PacketView; readonly packets: readonly PacketView[] }) {
	const { packets: chain, waitingFor } = exchangeOf(packet, packets);
	if (chain.length === 1 && waitingFor === undefined) return <p class="faint note">{t("exchangeAlone")}</p>;
	const start = chain[0]!.date;
	return (
		<ol class="exchange" aria-label={t("exchange")}>
			{chain.map(({ number, type, direction, id, date }) => (
				<li key={number} class={`${direction} ${number === packet.number ? "current" : ""}`}>
					<span class="arrow" role="img" aria-label={t(direction === "out" ? "sent" : "received")}>
						{direction === "out" ? "↑" : "↓"}
					</span>
					<strong>{type}</strong>
					{id !== undefined && <span class="mono"> {id}</span>}
					<span class="faint"> {number === chain[0]!.number ? time(date) : `+${Math.round(date - start)} ms`}</span>
				</li>
			))}
			{waitingFor && <li class="faint">{t("waiting", { what: waitingFor })}</li>}
		</ol>
	);
}

function hex(bytes: Uint8Array, { from, to }: Field): string {
	return `${[...bytes.subarray(from, to)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")} `;
}

function pretty(payload: string): string {
	if (!/^\s*[[{]/.test(payload)) return payload;
	try {
		return JSON.stringify(JSON.parse(payload), undefined, 2);
	} catch {
		return payload;
	}
}
