import type { NodeState, PinView } from "../../protocol";
import { number, t } from "../text/text";

/** `high`, `12 %`, `1.24 V`. */
export function pinText({ level, duty, volts, use }: PinView): string {
	const what =
		volts !== undefined
			? `${number(volts, 2)} V`
			: use === "PWM"
				? `${number(duty * 100, 1)} %`
				: t(level ? "high" : "low");
	return use ? `${what} · ${use}` : what;
}

/** The same as the drawing's pins, for keyboards and readers. */
export function PinTable({ state }: { readonly state: NodeState }) {
	const owners = new Map<number, string[]>();
	for (const { title, wires } of Object.values(state.parts))
		for (const { gpio, pin } of wires) owners.set(gpio, [...(owners.get(gpio) ?? []), `${title} (${pin})`]);
	const rows = [...owners].sort(([a], [b]) => a - b);
	return (
		<details class="pins">
			<summary>{t("pinsTitle")}</summary>
			<table>
				<thead>
					<tr>
						<th scope="col">{t("pin")}</th>
						<th scope="col">{t("level")}</th>
						<th scope="col">{t("usedBy")}</th>
					</tr>
				</thead>
				<tbody>
					{rows.map(([gpio, names]) => (
						<tr key={gpio} data-row={gpio}>
							<th scope="row">GPIO {gpio}</th>
							<td>{state.pins[gpio] ? pinText(state.pins[gpio]) : "–"}</td>
							<td>{names.join(", ")}</td>
						</tr>
					))}
				</tbody>
			</table>
		</details>
	);
}
