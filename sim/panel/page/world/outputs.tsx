import type { NodeState, PartView } from "../../protocol";
import type { BoardLink } from "../board-link";
import type { BrokerLink } from "../broker-link";
import { Refused, Slider, Switch, useRefusal } from "../fields";
import { number, t } from "../text/text";

interface Props {
	readonly state: NodeState;
	readonly link: BoardLink;
	readonly broker: BrokerLink;
}

type Output = PartView & { kind: "led" | "strip" | "relay" };

/** What a person does with lights and relays: orders over MQTT, as any client's. They move when the node has answered. */
export function Outputs({ state, link, broker }: Props) {
	const parts = Object.values(state.parts).filter(({ kind }) => kind !== "sensor");
	if (parts.length === 0) return null;
	return (
		<section class="outputs" aria-labelledby="outputs-title">
			<h2 id="outputs-title">{t("controls")}</h2>
			<div class="cards">
				{parts.map((part) =>
					part.kind === "button" ? (
						<ButtonCard key={part.name} part={part} link={link} />
					) : (
						<OutputCard key={part.name} part={part as Output} on={state.vitals.on} broker={broker} />
					),
				)}
			</div>
		</section>
	);
}

function OutputCard({
	part,
	on,
	broker,
}: {
	readonly part: Output;
	readonly on: boolean;
	readonly broker: BrokerLink;
}) {
	const [refusal, act] = useRefusal();
	const { kind, title, wiring, topic } = part;
	const order = (payload: string) =>
		act(
			broker.publish(topic, payload).catch(() => {
				throw new Error(t("notConnected"));
			}),
		);
	const enabled = on && broker.status === "connected";
	const said = kind === "relay" ? {} : parse(part.state);
	const lit = kind === "relay" ? part.on : kind === "led" ? part.brightness > 0 : /[1-9a-f]/.test(part.pixels);
	const state = kind === "relay" ? lit : said.state === undefined ? lit : said.state === "ON";
	const dimmable = kind === "strip" || (kind === "led" && part.dimmable);
	const brightness = said.brightness ?? 255;
	const percent = `${number(Math.round(brightness / 2.55))} %`;
	return (
		<section class={`card part ${kind} ${lit ? "is-on" : ""}`} aria-label={title} data-output={part.name}>
			<header>
				<h3>{title}</h3>
				<span class="wiring">{wiring}</span>
				<Switch
					label={t("switchOn", { title })}
					on={state}
					disabled={!enabled}
					onToggle={(next) =>
						order(kind === "relay" ? (next ? "ON" : "OFF") : JSON.stringify({ state: next ? "ON" : "OFF" }))
					}
				/>
			</header>
			{kind === "relay" && <p class="faint note">{t(lit ? "closed" : "open")}</p>}
			{dimmable && (
				<div class="control-row">
					{kind === "strip" && <Colour title={title} said={said.color} disabled={!enabled} order={order} />}
					<Slider
						label={`${title}: ${t("brightness")}`}
						low={1}
						high={255}
						step={1}
						value={brightness}
						text={percent}
						disabled={!enabled}
						onSend={(value) => order(JSON.stringify({ state: "ON", brightness: value }))}
					/>
					<output class="percent">{percent}</output>
				</div>
			)}
			<Refused text={refusal} />
		</section>
	);
}

interface ColourProps {
	readonly title: string;
	readonly said: Said["color"];
	readonly disabled: boolean;
	order(payload: string): void;
}

function Colour({ title, said, disabled, order }: ColourProps) {
	const { r, g, b } = said ?? { r: 255, g: 255, b: 255 };
	const value = `#${[r, g, b].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
	return (
		<input
			type="color"
			aria-label={`${title}: ${t("colour")}`}
			title={t("colour")}
			value={value}
			disabled={disabled}
			onChange={({ currentTarget }) => {
				const picked = Number.parseInt(currentTarget.value.slice(1), 16);
				const color = { r: picked >> 16, g: (picked >> 8) & 255, b: picked & 255 };
				order(JSON.stringify({ state: "ON", color }));
			}}
		/>
	);
}

interface Said {
	readonly state?: string;
	readonly brightness?: number;
	readonly color?: { readonly r: number; readonly g: number; readonly b: number };
}

/** What a light said last about itself; nothing of what is no JSON object. */
function parse(state: string | undefined): Said {
	try {
		const value: unknown = JSON.parse(state ?? "");
		return typeof value === "object" && value !== null ? value : {};
	} catch {
		return {};
	}
}

/** The longest hold that the simulator takes (ms). */
const LONGEST_PRESS = 60_000;

/** Pressed as long as a finger, the mouse or a key holds it. */
function ButtonCard({ part, link }: { readonly part: PartView & { kind: "button" }; readonly link: BoardLink }) {
	const [refusal, act] = useRefusal();
	const { name, title, wiring, pressed, toggles } = part;
	const button = name.slice(name.indexOf("/") + 1);
	const press = () => act(link.act({ type: "press", button, milliseconds: LONGEST_PRESS }));
	const release = () => act(link.act({ type: "release", button }));
	return (
		<section class="card part button" aria-label={title}>
			<header>
				<h3>{title}</h3>
				<span class="wiring">{wiring}</span>
				<button
					type="button"
					class="push"
					aria-label={`${t("press")} ${title}`}
					aria-pressed={pressed}
					title={t("pressHint")}
					onPointerDown={(event) => {
						if (event.button !== 0) return;
						event.currentTarget.setPointerCapture(event.pointerId);
						press();
					}}
					onPointerUp={release}
					onPointerCancel={release}
					onContextMenu={(event) => event.preventDefault()}
					onKeyDown={(event) => {
						if (event.repeat || (event.key !== " " && event.key !== "Enter")) return;
						event.preventDefault();
						press();
					}}
					onKeyUp={({ key }) => {
						if (key === " " || key === "Enter") release();
					}}
					onBlur={() => {
						if (pressed) release();
					}}
				>
					{t("press")}
				</button>
			</header>
			{toggles && <p class="faint note">{t("toggles", { what: toggles })}</p>}
			<Refused text={refusal} />
		</section>
	);
}
