import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { NodeState, PartView, PinView } from "../../protocol";
import type { BoardLink } from "../board-link";
import { t } from "../text/text";
import { BoardDrawing } from "./board-drawing";
import { layOut } from "./layout";
import { PartDrawing } from "./part-drawing";
import { PinTable, pinText } from "./pin-table";

/** Below this (px) all parts stand on one side of the board. */
const NARROW = 540;

/** The node as it lies on the desk: its board, its parts, and the wires between them. */
export function BoardView({ state, link }: { readonly state: NodeState; readonly link: BoardLink }) {
	const frame = useRef<HTMLDivElement>(null);
	const [width, setWidth] = useState(0);
	const [hint, setHint] = useState<{ x: number; y: number; text: string }>();
	useLayoutEffect(() => {
		const look = () => setWidth(frame.current?.clientWidth ?? 0);
		look();
		const observer = new ResizeObserver(look);
		observer.observe(frame.current!);
		return () => observer.disconnect();
	}, []);
	const narrow = width < NARROW;
	const { hardware, parts, pins } = state;
	// Where things stand depends on what there is, not on how it shines.
	const shape = Object.keys(parts).join();
	const scene = useMemo(() => layOut(hardware, Object.values(parts), narrow), [hardware, shape, narrow]);
	const scale = Math.min(1, width / scene.width);
	const point = (x: number, y: number, text: string) => () => setHint({ x, y, text });
	const leave = () => setHint(undefined);
	const leds = Object.keys(parts).filter((name) => parts[name]!.kind === "led");
	const used = new Set(scene.wires.map(({ gpio }) => gpio));
	return (
		<section class="card board" aria-label={t("boardTitle")}>
			<div class="board-frame" ref={frame} style={{ height: `${Math.ceil(scene.height * scale)}px` }}>
				{width > 0 && (
					<div
						class="scene"
						style={{
							width: `${scene.width}px`,
							height: `${scene.height}px`,
							transform: `scale(${scale})`,
							left: `${Math.max(0, (width - scene.width * scale) / 2)}px`,
						}}
					>
						<BoardDrawing figure={scene.board} name={state.board} state={state} />
						<svg class="wires" width={scene.width} height={scene.height} aria-hidden="true">
							{scene.wires.map(({ part, gpio, path, colour, start, end }) => {
								const onboard = parts[part]!.onboard;
								return (
									<g
										key={`${part} ${gpio}`}
										class={`wire ${onboard ? "soldered" : ""} ${parts[part]!.kind === "sensor" && !(parts[part] as { plugged: boolean }).plugged ? "loose" : ""}`}
										data-wire={`${gpio} ${part}`}
									>
										<path class="shade" d={path} />
										<path class="core" d={path} stroke={colour} />
										<path
											class="grip"
											d={path}
											onPointerEnter={point(
												(start.x + end.x) / 2,
												Math.min(start.y, end.y),
												`${gpioText(gpio, pins[gpio])} — ${parts[part]!.title}`,
											)}
											onPointerLeave={leave}
										/>
										<circle cx={end.x} cy={end.y} r="3" fill={colour} />
									</g>
								);
							})}
						</svg>
						{[...scene.board.pins.values()].map(({ gpio, x, y, side }) => (
							<span
								key={gpio}
								class={`pad ${side} ${used.has(gpio) ? "used" : ""} ${pins[gpio]?.level ? "is-high" : ""}`}
								data-pin={gpio}
								style={{
									left: `${scene.board.x + x}px`,
									top: `${scene.board.y + y}px`,
									"--duty": String(pins[gpio]?.duty ?? 0),
								}}
								onPointerEnter={point(scene.board.x + x, scene.board.y + y, gpioText(gpio, pins[gpio]))}
								onPointerLeave={leave}
							/>
						))}
						{scene.parts.map((placed) => (
							<PartDrawing
								key={placed.name}
								placed={placed}
								part={parts[placed.name] as PartView}
								colour={leds.indexOf(placed.name)}
								link={link}
							/>
						))}
						{hint && (
							<span class="hint" role="tooltip" style={{ left: `${hint.x}px`, top: `${hint.y}px` }}>
								{hint.text}
							</span>
						)}
					</div>
				)}
			</div>
			{scene.missing.length > 0 && <p class="faint note">{t("noRoom", { pin: scene.missing.join(", ") })}</p>}
			<PinTable state={state} />
		</section>
	);
}

function gpioText(gpio: number, pin: PinView | undefined): string {
	return `GPIO ${gpio}: ${pin ? pinText(pin) : "–"}`;
}
