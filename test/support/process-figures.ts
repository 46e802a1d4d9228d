import { readFileSync } from "node:fs";

/** What a process has used. */
export interface ProcessFigures {
	/** Seconds of the processor since it began. */
	readonly processor: number;
	/** Bytes that are resident. */
	readonly resident: number;
}

/** Clock ticks a second in /proc (`getconf CLK_TCK`): 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Undefined where there is no /proc. */
export function processFigures(pid: number): ProcessFigures | undefined {
	try {
		// The name, in brackets, may hold spaces: the fields after it count from 3 (proc(5)).
		const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
			.replace(/^.*\) /s, "")
			.split(" ");
		const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
		return {
			processor: (Number(fields[14 - 3]) + Number(fields[15 - 3])) / TICKS,
			resident: Number(resident?.[1]) * 1024,
		};
	} catch {
		return undefined;
	}
}
