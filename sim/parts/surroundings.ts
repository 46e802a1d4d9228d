import type { BoardClock } from "../../hosts/shared/services/board";

/** What a part feels: the time, and the world at the place where it hangs. */
export interface Surroundings {
	readonly time: BoardClock;
	/** A quantity of the world, in its unit: `temperature` in °C, ... */
	measure(quantity: string): number;
}
