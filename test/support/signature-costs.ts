import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import type { Rom } from "../../hosts/desktop/engine";
import { Event } from "../inside/operations";
import { Inside } from "./inside";

/** Compute units, and bytes of heap as on the 32-bit board. */
export interface SignatureCosts {
	readonly units: number;
	/** Of the longest event. */
	readonly step: number;
	readonly events: number;
	/** What is held between two steps. */
	readonly held: number;
	/** The peak in all, less what the machine held before. */
	readonly peak: number;
	readonly hashPerKilobyte: number;
}

/** A check of a message of 1 KB, and the hash of 64 KB, in a heap of 64 KB. */
export function signatureCosts(rom: Rom): SignatureCosts {
	const inside = new Inside(rom, 65_536);
	try {
		// The same key each time, so that the figures are, too: PKCS #8 (RFC 8410 §7) around a seed.
		const seed = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, "vagalume")]);
		const privateKey = createPrivateKey({ key: seed, format: "der", type: "pkcs8" });
		const publicKey = createPublicKey(privateKey);
		const key = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
		const message = Buffer.alloc(1024, "release ");
		const bytes = Buffer.concat([key, message, sign(null, message, privateKey)]);
		const before = inside.collected();
		let units = 0;
		let step = 0;
		let events = 0;
		let held = 0;
		const counted = (event: () => void) => {
			const { compute } = inside.machine.statistics();
			event();
			const cost = inside.machine.statistics().compute - compute;
			units += cost;
			step = Math.max(step, cost);
			events++;
		};
		counted(() => inside.arrive(bytes));
		while (inside.told.length === 0) {
			counted(() => inside.send(Event.run));
			if (events === 2) held = inside.collected().used - before.used;
		}
		if (inside.told.pop() !== "true") throw new Error("a good signature was refused");
		const peak = inside.machine.statistics().peak - before.used;
		inside.send(Event.prepare);
		const { compute } = inside.machine.statistics();
		for (let count = 0; count < 64; count++) inside.arrive(message, Event.publish);
		const hashPerKilobyte = Math.round((inside.machine.statistics().compute - compute) / 64);
		return { units, step, events, held, peak, hashPerKilobyte };
	} finally {
		inside.machine.close();
	}
}
