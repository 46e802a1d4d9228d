import type { Bench } from "./bench";

/** What the suites of IO and sensors need besides `Bench.wires`. A suite whose fixture is missing is skipped. */
export interface BoardFixtures {
	/** A pin to which nothing is connected, that can be input and output. */
	readonly free?: number;
	/** A pin that can only be an input. */
	readonly inputOnly?: number;
	/** A pin with a converter, and about what it reads: a share of the full scale, 0..1. */
	readonly analog?: { readonly pin: number; readonly share: number };
	/** A TMP117 on an I2C bus, and an address on that bus where no part is. */
	readonly tmp117?: I2CWires & { readonly address: number; readonly absent: number };
	/** Parts for the drivers of `device.sensor`, by the driver's name. */
	readonly sensors?: Readonly<Record<string, I2CWires & { readonly address: number }>>;
}

export interface I2CWires {
	readonly data: number;
	readonly clock: number;
	readonly hz: number;
}

export function fixturesOf(bench: Bench): BoardFixtures {
	return (bench as { board?: BoardFixtures }).board ?? {};
}
