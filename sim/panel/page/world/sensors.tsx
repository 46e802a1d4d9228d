import { useState } from "preact/hooks";
import type { ChannelView, NodeState, PartView, QuantityView } from "../../protocol";
import type { BoardLink } from "../board-link";
import { NumberField, Refused, Slider, useRefusal } from "../fields";
import { named, number, readable, t } from "../text/text";
import { scaleOf } from "./scale";

/** What each sensor meets, to be changed by hand; and what the node reports about itself. */
export function Sensors({ state, link }: { readonly state: NodeState; readonly link: BoardLink }) {
	const sensors = Object.values(state.parts).filter((part) => part.kind === "sensor");
	return (
		<section class="sensors" aria-labelledby="sensors-title">
			<h2 id="sensors-title">{t("sensors")}</h2>
			<div class="cards">
				{sensors.map((part) => (
					<SensorCard key={part.name} part={part} channels={state.channels} link={link} />
				))}
				<SelfCard state={state} />
			</div>
		</section>
	);
}

interface SensorProps {
	readonly part: PartView & { kind: "sensor" };
	readonly channels: NodeState["channels"];
	readonly link: BoardLink;
}

function SensorCard({ part, channels, link }: SensorProps) {
	const [refusal, act] = useRefusal();
	const { name, title, driver, wiring, plugged, quantities } = part;
	const sensor = name.slice(name.indexOf("/") + 1);
	return (
		<section class={`card part sensor ${plugged ? "" : "is-unplugged"}`} aria-label={title} data-sensor={sensor}>
			<header>
				<h3>{title}</h3>
				<span class="wiring">{[driver, wiring].filter(Boolean).join(" · ")}</span>
				<button type="button" class="quiet" onClick={() => act(link.act({ type: "plug", sensor, plugged: !plugged }))}>
					{t(plugged ? "unplug" : "plugIn")}
				</button>
			</header>
			{quantities.map((quantity) => (
				<Quantity
					key={quantity.name}
					quantity={quantity}
					channel={quantity.channel === undefined ? undefined : channels[quantity.channel]}
					plugged={plugged}
					link={link}
				/>
			))}
			<Refused text={refusal} />
		</section>
	);
}

interface QuantityProps {
	readonly quantity: QuantityView;
	readonly channel: ChannelView | undefined;
	readonly plugged: boolean;
	readonly link: BoardLink;
}

function Quantity({ quantity, channel, plugged, link }: QuantityProps) {
	const [refusal, act] = useRefusal();
	const [moving, setMoving] = useState<number>();
	const { name, unit, low, high, step, value, held, noise } = quantity;
	const label = named(quantity.quantity);
	const decimals = step < 1 ? 1 : 0;
	const scale = scaleOf(quantity);
	const set = (next: number) => {
		setMoving(undefined);
		act(link.act({ type: "set", quantity: name, value: next }));
	};
	return (
		<div class={`quantity ${held ? "is-held" : ""}`} data-quantity={name}>
			<div class="quantity-head">
				<span class="label">{label}</span>
				<span class="faint reported">{reportOf(channel, plugged)}</span>
			</div>
			<div class="quantity-body">
				<NumberField
					label={label}
					low={low}
					high={high}
					decimals={decimals}
					value={moving ?? value}
					unit={unit}
					onSend={set}
				/>
				<Slider
					label={label}
					low={scale.low}
					high={scale.high}
					step={scale.step}
					value={scale.position(value)}
					text={`${number(value, decimals)} ${unit}`}
					onInput={(position) => setMoving(scale.value(position))}
					onSend={(position) => set(scale.value(position))}
				/>
				<button
					type="button"
					class="quiet release"
					title={t("releaseHint")}
					aria-label={`${t("release")}: ${label}`}
					disabled={!held}
					onClick={() => act(link.act({ type: "release", quantity: name }))}
				>
					{t("release")}
				</button>
			</div>
			<div class="quantity-noise">
				<span class="faint">{t("noise")}</span>
				<NumberField
					label={`${label}: ${t("noise")}`}
					low={0}
					high={high - low}
					decimals={decimals}
					value={noise}
					unit={unit}
					onSend={(amplitude) => act(link.act({ type: "noise", quantity: name, amplitude }))}
				/>
			</div>
			<Refused text={refusal} />
		</div>
	);
}

function reportOf(channel: ChannelView | undefined, plugged: boolean): string {
	if (!plugged) return t("unplugged");
	if (!channel) return "";
	return channel.value === undefined
		? t("notReported")
		: t("reported", { value: `${readable(channel.value)} ${channel.unit}` });
}

/** What the node reports about itself: channels of sensors that are no parts. */
function SelfCard({ state }: { readonly state: NodeState }) {
	const own = Object.entries(state.channels).filter(([, { sensor }]) => !state.parts[`sensor/${sensor}`]);
	if (own.length === 0) return null;
	return (
		<section class="card part self" aria-label={t("self")}>
			<h3>{t("self")}</h3>
			<dl class="self-list">
				{own.map(([name, { title, unit, value }]) => (
					<div key={name}>
						<dt>{named(title)}</dt>
						<dd>{value === undefined ? "–" : `${readable(value)} ${unit}`}</dd>
					</div>
				))}
			</dl>
		</section>
	);
}
