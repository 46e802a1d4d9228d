import { spawn } from "node:child_process";
import { root } from "./root";

/** Runs a program in the project's folder, its output passed through; resolves to its exit status (1 for a signal). */
export function runProgram(command: string, args: readonly string[], env = process.env): Promise<number> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { cwd: root, stdio: "inherit", env });
		child.once("error", reject);
		child.once("exit", (code) => resolve(code ?? 1));
	});
}
