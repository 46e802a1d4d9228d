import { useState } from "preact/hooks";
import type { Vitals } from "../../protocol";
import type { BoardLink } from "../board-link";
import { NumberField, Refused, Slider, Switch, useRefusal } from "../fields";
import { number, t } from "../text/text";

interface Props {
	readonly vitals: Vitals;
	readonly link: BoardLink;
}

/** Power, Wi-Fi, the way to the broker, and what the node takes of its chip. */
export function WorldCards(props: Props) {
	return (
		<section class="vitals" aria-label={t("world")}>
			<Power {...props} />
			<Wifi {...props} />
			<Way {...props} />
			<Limits {...props} />
		</section>
	);
}

function Power({ vitals, link }: Props) {
	const [refusal, act] = useRefusal();
	const { on, reason } = vitals;
	return (
		<section class={`card vital ${on ? "" : "is-off"}`} aria-label={t("power")}>
			<div class="vital-head">
				<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
					<path d="M12 3v9M6.600 6.600a8 8 0 1 0 10.800 0" />
				</svg>
				<h2>{t("power")}</h2>
				<span class="vital-value">
					<strong>{t(on ? "poweredOn" : "poweredOff")}</strong>{" "}
					{reason && <span class="faint">{reason === "power cut" ? t("powerCut") : reason}</span>}
				</span>
			</div>
			<div class="buttons">
				<button
					type="button"
					class={on ? "danger" : "primary"}
					onClick={() => act(link.act({ type: "power", on: !on }))}
				>
					{t(on ? "cutPower" : "powerOn")}
				</button>
				<button type="button" disabled={!on} onClick={() => act(link.act({ type: "reset" }))}>
					{t("reset")}
				</button>
				<button
					type="button"
					title={t("brownOutHint")}
					disabled={!on}
					onClick={() => act(link.act({ type: "reset", reason: "brown-out" }))}
				>
					{t("brownOut")}
				</button>
			</div>
			<Refused text={refusal} />
		</section>
	);
}

/** Four bars from this many dBm up. */
const BARS = [-88, -78, -68, -58];
const SIGNAL = { low: -100, high: -20 };

function Wifi({ vitals, link }: Props) {
	const [refusal, act] = useRefusal();
	const [moving, setMoving] = useState<number>();
	const { up, RSSI, signal } = vitals.wifi;
	const shown = moving ?? RSSI;
	const set = (value: number) => {
		setMoving(undefined);
		act(link.act({ type: "wifi", signal: value }));
	};
	return (
		<section class="card vital" aria-label={t("network")}>
			<div class="vital-head">
				<svg class="icon bars" viewBox="0 0 24 24" aria-hidden="true">
					{BARS.map((least, bar) => (
						<rect
							key={least}
							class={RSSI !== undefined && RSSI >= least ? "lit" : ""}
							x={3 + bar * 5}
							y={15 - bar * 4}
							width="3.500"
							height={5 + bar * 4}
							rx="1"
						/>
					))}
				</svg>
				<h2>{t("network")}</h2>
				<span class="vital-value">
					<strong>{shown === undefined ? t("silence") : `${number(shown)} dBm`}</strong>
				</span>
				<Switch label={t("networkOn")} on={up} onToggle={(next) => act(link.act({ type: "wifi", up: next }))} />
			</div>
			<Slider
				label={`${t("signal")} (dBm)`}
				{...SIGNAL}
				step={1}
				value={signal ?? RSSI ?? SIGNAL.low}
				text={shown === undefined ? t("silence") : `${shown} dBm`}
				onInput={setMoving}
				onSend={set}
			/>
			<Refused text={refusal} />
		</section>
	);
}

function Way({ vitals, link }: Props) {
	const [refusal, act] = useRefusal();
	const { latency, loss, reachable } = vitals.line;
	return (
		<section class="card vital" aria-label={t("way")}>
			<div class="vital-head">
				<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
					<path d="M4 12h4M10 12h4M16 12h4M17 8l4 4-4 4" />
				</svg>
				<h2>{t("way")}</h2>
				<span class="vital-value">{!reachable && <strong class="bad">{t("unreachable")}</strong>}</span>
				<Switch
					label={t("reachable")}
					on={reachable}
					onToggle={(next) => act(link.act({ type: "line", reachable: next }))}
				/>
			</div>
			<div class="way-fields">
				<div>
					<span class="faint">{t("latency")}</span>
					<NumberField
						label={t("latency")}
						low={0}
						high={5000}
						decimals={0}
						value={latency}
						unit="ms"
						onSend={(value) => act(link.act({ type: "line", latency: value }))}
					/>
				</div>
				<div>
					<span class="faint">{t("loss")}</span>
					<NumberField
						label={t("loss")}
						low={0}
						high={50}
						decimals={0}
						value={loss}
						unit="%"
						onSend={(value) => act(link.act({ type: "line", loss: value }))}
					/>
				</div>
			</div>
			<Refused text={refusal} />
		</section>
	);
}

function Limits({ vitals }: Props) {
	const { heap, compute } = vitals;
	return (
		<section class="card vital limits" aria-label={`${t("heap")}, ${t("compute")}`}>
			<div class="vital-head">
				<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
					<path d="M7 7h10v10H7zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4" />
				</svg>
				<h2>{t("heap")}</h2>
				<span class="vital-value">
					<strong>{heap ? number(heap.used) : "–"}</strong>{" "}
					<span class="faint">{heap && t("of", { limit: number(heap.limit) })}</span>
				</span>
			</div>
			<Meter label={t("heap")} {...(heap ?? { used: 0, peak: 0, limit: 1 })} />
			<p class="limit-note faint">{heap && t("peak", { peak: number(heap.peak) })}</p>
			<p class="limit-note">
				<span class="limit-name">{t("compute")}</span>
				<span>
					<strong>{compute ? number(compute.used) : "–"}</strong> <span class="faint">{t("computeUnit")}</span>
				</span>
			</p>
			<Meter label={t("compute")} {...(compute ?? { used: 0, peak: 0, limit: 1 })} />
			<p class="limit-note faint">
				{compute && t("computeLimit", { peak: number(compute.peak), limit: number(compute.limit) })}
			</p>
		</section>
	);
}

interface MeterProps {
	readonly label: string;
	readonly used: number;
	readonly peak: number;
	readonly limit: number;
}

function Meter({ label, used, peak, limit }: MeterProps) {
	const part = (value: number) => `${Math.min(100, (100 * value) / limit).toFixed(1)}%`;
	return (
		// biome-ignore lint/a11y/useSemanticElements: <meter> shows no second value, the peak
		<div
			class={`heap-bar ${peak > 0.9 * limit ? "tight" : ""}`}
			role="meter"
			aria-label={label}
			aria-valuemin={0}
			aria-valuemax={limit}
			aria-valuenow={Math.min(used, limit)}
			style={{ "--used": part(used), "--peak": part(peak) }}
		/>
	);
}
