import { useEffect, useRef } from "preact/hooks";
import type { PartView } from "../../protocol";
import type { BoardLink } from "../board-link";
import { t } from "../text/text";
import "./elements";
import { breakoutPins, gridOf } from "./figures";
import type { PlacedPart } from "./layout";
import { PixelGrid } from "./pixel-grid";

/** The longest hold that the simulator takes (ms). */
const LONGEST_PRESS = 60_000;

/** Colours of single LEDs, in the order in which they stand on the desk. */
const LED_COLOURS = ["yellow", "limegreen", "red", "blue", "orange", "white", "purple"];

interface PartProps {
	readonly placed: PlacedPart;
	readonly part: PartView;
	/** Of a single LED: which of the colours. */
	readonly colour: number;
	readonly link: BoardLink;
}

/** A part on the desk, with its name under it. */
export function PartDrawing({ placed, part, colour, link }: PartProps) {
	const { figure, x, y, turned, label } = placed;
	const { width, height, scale } = figure;
	return (
		<>
			<div
				class={`figure ${part.kind} ${turned ? "turned" : ""} ${part.kind === "sensor" && !part.plugged ? "loose" : ""}`}
				data-part={part.name}
				style={{
					left: `${x}px`,
					top: `${y}px`,
					width: `${width}px`,
					height: `${height}px`,
					transform: `scale(${scale})${turned ? ` translate(${width}px, ${height}px) rotate(180deg)` : ""}`,
				}}
			>
				<Drawing part={part} link={link} mirrored={placed.mirrored} colour={colour} />
			</div>
			<p
				class={`part-label ${label.x < 60 ? "left" : ""}`}
				style={{ left: `${label.x}px`, top: `${label.y}px`, width: `${label.width}px` }}
			>
				<strong>{part.title}</strong>{" "}
				<span>{part.kind === "sensor" ? `${part.driver} · ${part.wiring}` : part.wiring}</span>
				{part.onboard && <em> {t("onBoard")}</em>}
			</p>
		</>
	);
}

interface DrawingProps {
	readonly part: PartView;
	readonly mirrored: boolean;
	readonly colour: number;
	readonly link: BoardLink;
}

function Drawing({ part, mirrored, colour, link }: DrawingProps) {
	switch (part.kind) {
		case "led":
			return <Led colour={LED_COLOURS[colour % LED_COLOURS.length]!} brightness={part.brightness} />;
		case "strip":
			return <PixelGrid pixels={part.pixels} {...gridOf(part.pixels.length / 6)} />;
		case "relay":
			return <Relay on={part.on} />;
		case "button":
			return <PushButton title={part.title} name={part.name} pressed={part.pressed} link={link} />;
		default:
			return <Sensor part={part} mirrored={mirrored} />;
	}
}

function Led({ colour, brightness }: { readonly colour: string; readonly brightness: number }) {
	return (
		<>
			<span class="glow" style={{ "--shine": shine(brightness), "--color": colour }} />
			<wokwi-led value={brightness > 0} brightness={Math.sqrt(brightness)} color={colour} />
		</>
	);
}

/** Eyes see a tenth of the power as a third of the light. */
function shine(level: number): string {
	return level > 0 ? (0.2 + 0.8 * Math.sqrt(level)).toFixed(3) : "0";
}

function Relay({ on }: { readonly on: boolean }) {
	return (
		<div class={`relay-module ${on ? "is-on" : ""}`}>
			<wokwi-ks2e-m-dc5 />
			<span class="relay-light" />
			<svg class="contact" viewBox="0 0 96 30" aria-hidden="true">
				<path class="lead" d="M2 22h24M66 22h28" />
				<path class="lever" d="M28 22h37" />
				<circle cx="28" cy="22" r="3.500" />
				<circle cx="64" cy="22" r="3.500" />
			</svg>
		</div>
	);
}

interface PushButtonProps {
	readonly title: string;
	readonly name: string;
	readonly pressed: boolean;
	readonly link: BoardLink;
}

/** The drawing has a button of its own inside: mouse, finger and keys press it. */
function PushButton({ title, name, pressed, link }: PushButtonProps) {
	const element = useRef<HTMLElement & { updateComplete: Promise<unknown> }>(null);
	const button = name.slice(name.indexOf("/") + 1);
	useEffect(() => {
		const { current } = element;
		// What it calls itself is its colour.
		current?.updateComplete.then(() =>
			current.shadowRoot?.querySelector("button")?.setAttribute("aria-label", `${t("press")} ${title}`),
		);
		const press = () => void link.act({ type: "press", button, milliseconds: LONGEST_PRESS }).catch(() => {});
		const release = () => void link.act({ type: "release", button }).catch(() => {});
		current?.addEventListener("button-press", press);
		current?.addEventListener("button-release", release);
		return () => {
			current?.removeEventListener("button-press", press);
			current?.removeEventListener("button-release", release);
		};
	}, [button, link, title]);
	return <wokwi-pushbutton ref={element} color="#d9573f" pressed={pressed} />;
}

function Sensor({ part, mirrored }: { readonly part: PartView & { kind: "sensor" }; readonly mirrored: boolean }) {
	if (part.driver === "DHT22") return <wokwi-dht22 />;
	if (part.driver === "DS18B20") return <wokwi-ntc-temperature-sensor />;
	if (part.driver === "analog-light") return <wokwi-photoresistor-sensor ledPower={part.plugged} ledDO={false} />;
	return <Breakout driver={part.driver} mirrored={mirrored} />;
}

/** A breakout board with the sensor's chip on it, as most I2C sensors are sold. */
function Breakout({ driver, mirrored }: { readonly driver: string; readonly mirrored: boolean }) {
	const across = (x: number) => (mirrored ? 112 - x : x);
	return (
		<svg class="breakout" width="112" height="74" viewBox="0 0 112 74" aria-hidden="true">
			<rect width="112" height="74" rx="7" fill="#5b2d8c" />
			<rect x="1.500" y="1.500" width="109" height="71" rx="6" fill="none" stroke="#7c4bb0" />
			{[16, 58].map((y) => (
				<circle key={y} cx={across(100)} cy={y} r="5.500" fill="#f3eefc" stroke="#d4af37" stroke-width="2" />
			))}
			{breakoutPins.map((name, index) => (
				<g key={name}>
					<rect x={across(7) - 4.5} y={11.5 + 14 * index} width="9" height="9" rx="1.500" fill="#d4af37" />
					<circle cx={across(7)} cy={16 + 14 * index} r="2.200" fill="#2b1247" />
					<text
						x={across(15)}
						y={19.5 + 14 * index}
						text-anchor={mirrored ? "end" : "start"}
						font-size="8.500"
						font-weight="600"
						fill="#efe6fb"
					>
						{name}
					</text>
				</g>
			))}
			<g transform={mirrored ? "translate(-16)" : undefined}>
				<rect x="50" y="24" width="28" height="26" rx="2.500" fill="#16181c" />
				<rect x="57" y="30" width="14" height="14" rx="2" fill="#e8e8e8" opacity=".9" />
				<circle cx="64" cy="37" r="3" fill="#23272d" />
				{[0, 1, 2, 3].map((leg) => (
					<g key={leg} fill="#c7ccd1">
						<rect x={52.5 + leg * 6.5} y="20.500" width="3" height="3.500" />
						<rect x={52.5 + leg * 6.5} y="50" width="3" height="3.500" />
					</g>
				))}
				<text x="64" y="66" text-anchor="middle" font-size="10" font-weight="700" fill="#f3eefc">
					{driver}
				</text>
			</g>
		</svg>
	);
}
