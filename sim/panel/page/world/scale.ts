import type { QuantityView } from "../../protocol";

/** Positions of a slider whose scale is logarithmic. */
const POSITIONS = 1000;

export interface Scale {
	readonly low: number;
	readonly high: number;
	readonly step: number;
	value(position: number): number;
	position(value: number): number;
}

/** Light spans night and noon: a logarithmic scale where a quantity begins at 0 and has no end. */
export function scaleOf({ low, high, step }: QuantityView): Scale {
	if (low === 0 && high >= 10_000) {
		const end = Math.log1p(high);
		return {
			low: 0,
			high: POSITIONS,
			step: 1,
			value: (position) => Math.round(Math.expm1((position / POSITIONS) * end)),
			position: (value) => Math.round((Math.log1p(value) / end) * POSITIONS),
		};
	}
	const round = (value: number) => Math.round(value / step) / (1 / step);
	return { low, high, step, value: round, position: round };
}
