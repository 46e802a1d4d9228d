import type { DebuggerAddress } from "../hosts/desktop/engine";
import { DEBUGGER_PORT, debuggerAddress, debuggerProblem } from "../tools/xsbug";
import { UsageError } from "./usage";

const ADDRESS = /^(?:(\[[\da-fA-F:]+\]|[^\s:[\]]+):)?(\d{1,5})$/;

/** `--debug` may stand alone; what follows it is taken when it is a port, or a host and a port. Throws UsageError. */
export function withDebugger(args: readonly string[]): string[] {
	const result: string[] = [];
	for (let index = 0; index < args.length; index++) {
		const arg = args[index]!;
		if (arg !== "--debug") result.push(arg);
		else if (ADDRESS.test(args[index + 1] ?? "")) result.push(`--debug=${args[++index]}`);
		else result.push(`--debug=${ownAddress()}`);
	}
	return result;
}

function ownAddress(): string {
	const address = debuggerAddress();
	if (!address) throw new UsageError(`--debug: XSBUG_PORT is "${process.env["XSBUG_PORT"]}": expected a TCP port`);
	return `${address.host}:${address.port}`;
}

/** Throws UsageError. */
export function checkDebugger(text: string): DebuggerAddress {
	const [, host = "localhost", digits] = ADDRESS.exec(text) ?? [];
	const port = Number(digits);
	if (!(port >= 1 && port <= 65_535))
		throw new UsageError(
			`--debug ${text}: expected where xsbug listens, HOST:PORT, such as localhost:${DEBUGGER_PORT}`,
		);
	return { host: host.replace(/^\[|\]$/g, ""), port };
}

/** Resolves when a debugger listens there. Throws UsageError, which says how one is started. */
export async function findDebugger(address: DebuggerAddress): Promise<void> {
	const problem = await debuggerProblem(address);
	if (problem === undefined) return;
	throw new UsageError(
		`--debug: no debugger listens at ${address.host}:${address.port} (${problem}). Start xsbug first: it comes with the Moddable SDK ($MODDABLE/build/bin/lin/release/xsbug on Linux, xsbug.app on macOS; "npx xs-dev setup" installs it)`,
	);
}
