import type { NodeState } from "../../protocol";
import { type BoardFigure, DEVKIT_SCALE } from "./board-figure";
import "./elements";
import type { Point } from "./layout";

/** The board itself. Its LED, where it has one, is that of the pin called `led`. */
export function BoardDrawing(props: {
	readonly figure: BoardFigure & Point;
	readonly name: string;
	readonly state: NodeState;
}) {
	const { figure, name, state } = props;
	const place = {
		left: `${figure.x}px`,
		top: `${figure.y}px`,
		width: `${figure.width}px`,
		height: `${figure.height}px`,
	};
	const { on } = state.vitals;
	if (figure.drawing === "devkit") {
		const led = Object.values(state.parts).find((part) => part.kind === "led" && part.onboard);
		return (
			<div class="board-drawing" style={place} role="img" aria-label={name}>
				<wokwi-esp32-devkit-v1
					style={{ transform: `scale(${DEVKIT_SCALE})` }}
					ledPower={on}
					led1={led?.kind === "led" && led.brightness > 0}
				/>
			</div>
		);
	}
	return (
		<div class="board-drawing" style={place} role="img" aria-label={name}>
			<ModuleDrawing figure={figure} name={name} on={on} />
		</div>
	);
}

/** What all boards of the family have: a module with its antenna, a USB socket, and two rows of pins with their numbers. */
function ModuleDrawing({
	figure,
	name,
	on,
}: {
	readonly figure: BoardFigure;
	readonly name: string;
	readonly on: boolean;
}) {
	const { width, height, pins } = figure;
	return (
		<svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
			<rect width={width} height={height} rx="9" fill="#20252b" />
			<rect x={width / 2 - 38} y="0" width="76" height="24" rx="3" fill="#14181d" />
			<path
				d={`M${width / 2 - 30} 18v-11h10v11h10v-11h10v11h10v-11h10v11`}
				fill="none"
				stroke="#c9a24a"
				stroke-width="2.500"
			/>
			<rect x={width / 2 - 38} y="24" width="76" height="54" rx="3" fill="#b9bec5" />
			<rect x={width / 2 - 34} y="28" width="68" height="46" rx="2" fill="#cdd2d8" />
			<text x={width / 2} y="56" text-anchor="middle" font-size="13" font-weight="700" fill="#454b52">
				ESP32
			</text>
			<text x={width / 2} y={height - 30} text-anchor="middle" font-size="9.500" fill="#aeb6bf">
				{name}
			</text>
			<rect x={width / 2 - 18} y={height - 18} width="36" height="20" rx="4" fill="#c3c8ce" />
			<circle cx={width / 2} cy={height - 46} r="3.500" fill={on ? "#ff4d4d" : "#5a2a2a"} />
			{[...pins.values()].map(({ gpio, x, y, side }) => (
				<g key={gpio}>
					<rect x={x - 4.5} y={y - 4.5} width="9" height="9" rx="1.500" fill="#d4af37" />
					<circle cx={x} cy={y} r="2.200" fill="#20252b" />
					<text
						x={side === "left" ? x + 10 : x - 10}
						y={y + 3.5}
						text-anchor={side === "left" ? "start" : "end"}
						font-size="9.500"
						fill="#e6eaee"
					>
						{gpio}
					</text>
				</g>
			))}
		</svg>
	);
}
