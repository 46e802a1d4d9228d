import { sequence, stream } from "../../sim/world/random";

/** What can go wrong, a kind a cell. */
export const faults = [
	"cut",
	"stall",
	"one byte",
	"coalesce",
	"delay",
	"corrupt",
	"restart",
	"kill -9",
	"power cut",
	"all",
] as const;
export type Fault = (typeof faults)[number];

/** How a byte is changed on its way, and what follows. */
export type Corruption =
	/** The first byte of a packet becomes one that no packet has: the receiver has to end the connection (MQTT-4.8.0-1). */
	| "type"
	/** PUBLISH with QoS 3 (MQTT-3.3.1-4); of another packet, reserved flags. */
	| "flags"
	/** Five bytes of remaining length (MQTT-2.2.3). */
	| "length"
	/** Any byte is another one, and the connection is cut before that packet is complete. */
	| "cut";

/** What a connection goes through. Amounts of bytes count both directions together. */
export interface LinkPlan {
	/** It is cut after so many bytes. */
	readonly cutAfter: number;
	/** Whom the cut tells: the other one is left with a connection that is half open. */
	readonly cutTells: "both" | "node" | "broker";
	/** Nothing moves in these directions for `duration` ms, after so many bytes; then on. */
	readonly stalls: readonly {
		readonly after: number;
		readonly duration: number;
		readonly who: "both" | "out" | "in";
	}[];
	/** Every byte goes alone. */
	readonly single: boolean;
	/** Bytes are gathered for so many ms, and go in one piece. */
	readonly gather: number;
	/** Each piece takes up to so many ms. */
	readonly delay: number;
	/** The packet that begins after so many bytes is changed. */
	readonly corruptAfter: number;
	readonly corruption: Corruption;
	/** When the node loses its power, the broker does not hear of it. */
	readonly halfOpen: boolean;
}

/** What befalls the whole world, by how many packets passed since the last. */
export interface Blow {
	readonly after: number;
	readonly kind: "restart" | "kill" | "power";
	/** How long the broker is away, in ms. */
	readonly away: number;
	/** How a killed broker dies, and where in a write the power goes. */
	readonly death: "before" | "after";
	/** At which of the next writes that is. */
	readonly write: number;
}

/** Both 1 in virtual time, where a fault costs next to nothing. */
export interface PlanScale {
	/** How dense faults are: 1 is one in some twenty messages. */
	readonly density: number;
	/** How long stalls and delays last: at 1, stalls of up to 100 s, delays of up to 3 s. */
	readonly duration: number;
}

const calm: LinkPlan = {
	cutAfter: Number.POSITIVE_INFINITY,
	cutTells: "both",
	stalls: [],
	single: false,
	gather: 0,
	delay: 10,
	corruptAfter: Number.POSITIVE_INFINITY,
	corruption: "type",
	halfOpen: false,
};

/**
 * Bytes of a connection to its end, by a cut or a corrupted packet, on average: some thirty messages. A session takes a
 * message for one that the broker does not bear when connections end on it again and again: much denser is another test.
 */
const LIFE = 6_000;
/** Bytes between two stalls. */
const SPACING = 2_500;
/** Packets between two blows, on average. */
const BLOW_SPACING = 150;
/** ms that a broker is away. */
const LONGEST_AWAY = 20_000;
/** ms. The session gives an answer 30 s, keep-alive takes a broker for dead after 90 s. */
const LONGEST_STALL = 100_000;

/** Draws a run's faults. The same seed gives the same ones, in the same order. */
export class Plan {
	readonly #fault: Fault;
	readonly #links: () => number;
	readonly #blows: () => number;
	readonly #scale: PlanScale;

	constructor(fault: Fault, seed: number, scale: PlanScale) {
		this.#fault = fault;
		this.#links = sequence(stream(seed, "links"));
		this.#blows = sequence(stream(seed, "blows"));
		this.#scale = scale;
	}

	/** What the next connection goes through. */
	link(): LinkPlan {
		const random = this.#links;
		const { duration } = this.#scale;
		// Drawn always, so that one decision does not shift the others.
		const far = (mean = LIFE) => Math.ceil((-Math.log(1 - random()) * mean) / this.#scale.density);
		const plan = {
			cutAfter: far(),
			cutTells: (["both", "node", "broker"] as const)[Math.floor(random() * 3)]!,
			stalls: this.#stalls(random, () => far(SPACING)),
			single: true,
			gather: 20 + random() * 2_000 * duration,
			delay: 5 + random() * 3_000 * duration,
			corruptAfter: far(),
			corruption: (["type", "flags", "length", "cut"] as const)[Math.floor(random() * 4)]!,
			halfOpen: random() < 0.5,
		};
		const chosen = random();
		switch (this.#fault) {
			case "cut":
				return { ...calm, cutAfter: plan.cutAfter, cutTells: plan.cutTells };
			case "stall":
				return { ...calm, stalls: plan.stalls };
			case "one byte":
				return { ...calm, single: true };
			case "coalesce":
				return { ...calm, gather: plan.gather };
			case "delay":
				return { ...calm, delay: plan.delay };
			case "corrupt":
				return { ...calm, corruptAfter: plan.corruptAfter, corruption: plan.corruption };
			case "all":
				return {
					...plan,
					single: chosen < 0.3,
					gather: chosen >= 0.3 && chosen < 0.6 ? plan.gather : 0,
					delay: chosen >= 0.5 && chosen < 0.8 ? plan.delay : calm.delay,
					cutAfter: plan.cutAfter * 2,
					corruptAfter: plan.corruptAfter * 2,
					stalls: plan.stalls.slice(0, 3),
				};
			case "power cut":
				return { ...calm, halfOpen: plan.halfOpen };
			default:
				return calm;
		}
	}

	#stalls(random: () => number, far: () => number): LinkPlan["stalls"] {
		let after = 0;
		return Array.from({ length: 20 }, () => ({
			after: (after += far()),
			// Mostly short, sometimes beyond every deadline.
			duration: random() ** 3 * LONGEST_STALL * this.#scale.duration,
			who: (["both", "out", "in"] as const)[Math.floor(random() * 3)]!,
		}));
	}

	/** What befalls the world next; `undefined`: nothing ever. */
	blow(): Blow | undefined {
		const random = this.#blows;
		const after = Math.ceil((-Math.log(1 - random()) * BLOW_SPACING) / this.#scale.density);
		const away = random() ** 2 * LONGEST_AWAY;
		const death = random() < 0.5 ? "before" : "after";
		const chosen = random();
		const write = Math.floor(random() * 10);
		const common = { after, away, death, write } as const;
		switch (this.#fault) {
			case "restart":
				return { ...common, kind: "restart" };
			case "kill -9":
				return { ...common, kind: "kill" };
			case "power cut":
				return { ...common, kind: "power" };
			case "all":
				return { ...common, kind: chosen < 0.3 ? "restart" : chosen < 0.6 ? "kill" : "power" };
			default:
				return undefined;
		}
	}
}
