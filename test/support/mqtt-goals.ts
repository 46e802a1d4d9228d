import type { Traffic } from "./mqtt-costs";

/** As long as those that the goals were set with: 23 and 29 bytes. */
export const topics = { publish: "casa/sala/temperatura/1", receive: "casa/sala/led/onboard/set/abc" } as const;

export interface Goal extends Traffic {
	/** Compute units and slots at most. */
	units: number;
	slots: number;
}

/** What a message may cost at client level. */
export const goals: readonly Goal[] = [
	{ layer: "client", direction: "publish", QoS: 0, size: 20, topic: topics.publish, units: 300, slots: 8 },
	{ layer: "client", direction: "publish", QoS: 1, size: 20, topic: topics.publish, units: 700, slots: 16 },
	{ layer: "client", direction: "receive", QoS: 0, size: 2, topic: topics.receive, units: 800, slots: 16 },
];

/** Bytes of heap that a connected session with two filters may hold, and a hundred messages of 20 bytes in flight beside it. */
export const sessionGoal = 8192;
export const hundredGoal = 24_576;
