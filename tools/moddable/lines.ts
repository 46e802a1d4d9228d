import type { ChildProcess } from "node:child_process";

/** Tells each line that a program writes, on stdout or stderr; what stands without an end at its end, too. */
export function tellLines({ stdout, stderr }: ChildProcess, onLine: (line: string) => void): void {
	for (const stream of [stdout!, stderr!]) {
		let rest = "";
		stream.setEncoding("utf8");
		stream.on("data", (text: string) => {
			const lines = (rest + text).split("\n");
			rest = lines.pop()!;
			for (const line of lines) onLine(line);
		});
		stream.on("end", () => rest !== "" && onLine(rest));
	}
}
