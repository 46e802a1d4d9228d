import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";

interface TraceEvent {
	readonly name: string;
	readonly ph: string;
	readonly pid: number;
	readonly tid: number;
	/** us of the processor: what others do on this machine does not count. */
	readonly tdur?: number;
	readonly args?: { readonly name?: string };
}

export interface TaskTimes {
	/** Of the page's main thread. */
	readonly count: number;
	/** The longest task, ms of processor time. */
	readonly longest: number;
	/** All tasks together, seconds of processor time. */
	readonly busy: number;
	/** Bytes in use after garbage collection: at the start, and at four times after that. */
	readonly heaps: readonly number[];
}

const LOOKS = 4;

/** Traces the page's tasks for so many seconds. */
export async function taskTimes(page: Page, seconds: number): Promise<TaskTimes> {
	const session = await page.context().newCDPSession(page);
	const heap = async () => {
		await session.send("HeapProfiler.collectGarbage");
		return (await session.send("Runtime.getHeapUsage")).usedSize;
	};
	const events: TraceEvent[] = [];
	session.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
	const heaps = [await heap()];
	for (let look = 0; look < LOOKS; look++) {
		const done = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
		await session.send("Tracing.start", {
			transferMode: "ReportEvents",
			traceConfig: { includedCategories: ["toplevel", "disabled-by-default-devtools.timeline"] },
		});
		await sleep((seconds * 1000) / LOOKS);
		await session.send("Tracing.end");
		await done;
		heaps.push(await heap());
	}
	await session.detach();
	// The other category has each of them once more, under another name.
	const tasks = events.filter(({ name, ph, tdur }) => ph === "X" && tdur !== undefined && name === "RunTask");
	const threads = events.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain");
	const own = tasks.filter(({ pid, tid }) => threads.some((thread) => thread.pid === pid && thread.tid === tid));
	const times = own.map(({ tdur }) => tdur! / 1000);
	const busy = times.reduce((sum, time) => sum + time, 0) / 1000;
	return { count: own.length, longest: times.reduce((most, time) => Math.max(most, time), 0), busy, heaps };
}
