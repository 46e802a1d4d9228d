import { SUPPLY } from "../board/pin";
import type { Surroundings } from "./surroundings";

/** Resistance of a GL5528 at 10 lux, in ohms, and how it falls with the light: resistance ~ illuminance^-gamma. */
export const R10 = 15_000;
export const GAMMA = 0.7;

/** Volts at the middle of a divider: a photoresistor to the supply, a fixed `resistor` (ohms) to ground. */
export function photoresistor(around: Surroundings, resistor: number): () => number {
	return () => {
		const light = Math.max(0.01, around.measure("light"));
		const photo = R10 * (light / 10) ** -GAMMA;
		return (SUPPLY * resistor) / (resistor + photo);
	};
}
