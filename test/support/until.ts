import { setTimeout as sleep } from "node:timers/promises";

/** Waits until `condition` holds; throws after `timeout` ms, naming what was awaited. */
export async function until(condition: () => boolean | Promise<boolean>, timeout: number, what: string): Promise<void> {
	const end = performance.now() + timeout;
	while (!(await condition())) {
		if (performance.now() > end) throw new Error(`${what}: not within ${timeout} ms`);
		await sleep(5);
	}
}
