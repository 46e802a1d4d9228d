import { useEffect, useMemo, useRef } from "preact/hooks";
import uPlot from "uplot";
import { language, number, t, time } from "../text/text";
import { theme } from "../theme";

const HEIGHT = 132;

export interface ChartProps {
	readonly title: string;
	readonly unit: string;
	/** Date (ms) and value, alternately. */
	readonly values: readonly number[];
	/** Which of the chart colours. */
	readonly colour: number;
	/** What is zoomed in on, seconds; all of it when undefined. */
	readonly range: readonly [number, number] | undefined;
	onRange(range: readonly [number, number] | undefined): void;
}

/** One channel over time. Dragging zooms all charts at once. */
export function Chart({ title, unit, values, colour, range, onRange }: ChartProps) {
	const frame = useRef<HTMLDivElement>(null);
	const plot = useRef<uPlot>();
	const zoomed = useRef(range);
	zoomed.current = range;
	const data = useMemo(() => columnsOf(values), [values]);
	const latest = values.at(-1);
	useEffect(() => {
		const root = getComputedStyle(document.documentElement);
		const ink = root.getPropertyValue("--soft");
		const stroke = root.getPropertyValue(`--chart-${colour % 6}`);
		const grid = { stroke: root.getPropertyValue("--card-edge"), width: 1 };
		const axis = { stroke: ink, grid, ticks: grid, font: "11px sans-serif" };
		const made = new uPlot(
			{
				width: frame.current!.clientWidth,
				height: HEIGHT,
				legend: { show: false },
				cursor: { y: false, sync: { key: "charts" }, drag: { x: true, y: false, setScale: false } },
				scales: {
					x: { range: (_, low, high) => [...(zoomed.current ?? spread(low, high))] as [number, number] },
					y: { range: (_, low, high) => padded(low, high) },
				},
				axes: [
					{ ...axis, values: (_, splits) => splits.map((second) => time(second * 1000)), space: 90, size: 28 },
					{
						...axis,
						size: 58,
						space: 26,
						values: (_, splits) => splits.map((value) => number(value, decimalsOf(splits))),
					},
				],
				series: [{}, { stroke, width: 2, fill: `color-mix(in srgb, ${stroke} 14%, transparent)`, points: { size: 5 } }],
				hooks: {
					setSelect: [
						(self) => {
							const { left, width } = self.select;
							if (width > 4) onRange([self.posToVal(left, "x"), self.posToVal(left + width, "x")]);
							self.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
						},
					],
				},
			},
			data,
			frame.current!,
		);
		plot.current = made;
		const whole = () => onRange(undefined);
		made.over.addEventListener("dblclick", whole);
		const observer = new ResizeObserver(() => made.setSize({ width: frame.current!.clientWidth, height: HEIGHT }));
		observer.observe(frame.current!);
		return () => {
			observer.disconnect();
			made.destroy();
		};
	}, [colour, theme.value, language.value]);
	useEffect(() => plot.current?.setData(data), [data, range]);
	const said = latest === undefined ? "–" : `${number(latest, Number.isInteger(latest) ? 0 : 1)} ${unit}`;
	return (
		<figure class="chart" aria-label={t("chartOf", { title, value: said })} data-chart={title}>
			<figcaption>
				<span>{title}</span> <strong>{said}</strong>
			</figcaption>
			<div ref={frame} aria-hidden="true" />
		</figure>
	);
}

function columnsOf(values: readonly number[]): [number[], number[]] {
	const columns: [number[], number[]] = [[], []];
	for (const [index, value] of values.entries()) columns[index & 1]!.push(index & 1 ? value : value / 1000);
	return columns;
}

/** At least half a minute, so that the first values are not a line at the edge. */
function spread(low: number, high: number): [number, number] {
	return high - low < 30 ? [high - 30, high] : [low, high];
}

/** Some room above and below; a value that hardly moves is a quiet line, and no mountains. */
function padded(low: number | null, high: number | null): [number, number] {
	if (low === null || high === null) return [0, 1];
	const room = Math.max(0.15 * (high - low), 0.01 * Math.abs(high), 0.5);
	return [low - room, high + room];
}

function decimalsOf(splits: readonly number[]): number {
	const step = Math.abs((splits[1] ?? 0) - (splits[0] ?? 0));
	return step >= 1 || step === 0 ? 0 : step >= 0.1 ? 1 : 2;
}
