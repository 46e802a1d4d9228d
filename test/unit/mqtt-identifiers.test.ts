import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Identifiers } from "../../modules/mqtt/identifiers";

describe("MQTT packet identifiers (§2.3.1)", () => {
	it("MQTT-2.3.1-2: 65,535 can be in flight, each another one, and then no more", () => {
		const identifiers = new Identifiers();
		const seen = new Set<number>();
		for (let count = 0; count < 65535; count++) seen.add(identifiers.allocate());
		assert.equal(seen.size, 65535);
		assert.ok(!seen.has(0) && !seen.has(65536));
		assert.equal(identifiers.size, 65535);
		assert.throws(() => identifiers.allocate(), { code: "identifiers-exhausted" });
		identifiers.release(30_000);
		assert.equal(identifiers.allocate(), 30_000);
		assert.throws(() => identifiers.allocate(), { code: "identifiers-exhausted" });
	});

	for (const far of [1, 300, 65535]) {
		it(`gives none that is in flight, whatever comes back first; the caller's own are among ${far}`, () => {
			const identifiers = new Identifiers();
			const busy = new Set<number>();
			let seed = far;
			const random = (count: number) => {
				seed = (seed * 48271) % 2147483647;
				return seed % count;
			};
			for (let round = 0; round < 150_000; round++) {
				const action = random(10);
				let id = 1 + random(far);
				if (action < 5) {
					id = identifiers.allocate();
					assert.ok(id >= 1 && id <= 65535 && !busy.has(id), `round ${round}: ${id}`);
					busy.add(id);
				} else if (action === 5 && round % 50 === 0) {
					identifiers.claim(id);
					busy.add(id);
				} else {
					// Mostly the one that waits longest; now and then one that nobody uses.
					let skip = action === 9 ? random(20) : 0;
					for (const one of action === 6 ? [] : busy) {
						id = one;
						if (skip-- === 0) break;
					}
					identifiers.release(id);
					busy.delete(id);
				}
				assert.equal(identifiers.size, busy.size, `round ${round}`);
			}
		});
	}
});
