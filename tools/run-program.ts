import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { root } from "./root";

/** Runs a program in the project's folder, its output passed through; resolves to its exit status (1 for a signal). */
export function runProgram(command: string, args: readonly string[], env = process.env): Promise<number> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { cwd: root, stdio: "inherit", env });
		child.once("error", reject);
		child.once("exit", (code) => resolve(code ?? 1));
	});
}

/** The same for programs that find the same thing: a line that is in `told` already is not printed again. */
export function runTelling(command: string, args: readonly string[], told: Set<string>): Promise<number> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { cwd: root, stdio: ["inherit", "pipe", "inherit"] });
		createInterface({ input: child.stdout }).on("line", (line) => {
			if (told.has(line)) return;
			told.add(line);
			process.stdout.write(`${line}\n`);
		});
		child.once("error", reject);
		// Not `exit`: its last lines may still be on the way.
		child.once("close", (code) => resolve(code ?? 1));
	});
}
