import { connect } from "node:net";
import type { DebuggerAddress } from "../hosts/desktop/engine";
import { UsageError } from "./usage";

/** Where xsbug listens, unless it was told otherwise. */
const DEFAULT_PORT = 5002;
/** How long it may take to be found (ms). */
const PATIENCE = 2_000;
const ADDRESS = /^(?:(\[[\da-fA-F:]+\]|[^\s:[\]]+):)?(\d{1,5})$/;

/** `--debug` may stand alone; what follows it is taken when it is a port, or a host and a port. */
export function withDebugger(args: readonly string[]): string[] {
	const result: string[] = [];
	for (let index = 0; index < args.length; index++) {
		const arg = args[index]!;
		if (arg !== "--debug") result.push(arg);
		else if (ADDRESS.test(args[index + 1] ?? "")) result.push(`--debug=${args[++index]}`);
		else
			result.push(`--debug=${process.env["XSBUG_HOST"] || "localhost"}:${process.env["XSBUG_PORT"] || DEFAULT_PORT}`);
	}
	return result;
}

/** Throws UsageError. */
export function checkDebugger(text: string): DebuggerAddress {
	const [, host = "localhost", digits] = ADDRESS.exec(text) ?? [];
	const port = Number(digits);
	if (!(port >= 1 && port <= 65_535))
		throw new UsageError(`--debug ${text}: expected where xsbug listens, HOST:PORT, such as localhost:${DEFAULT_PORT}`);
	return { host: host.replace(/^\[|\]$/g, ""), port };
}

/** Resolves when a debugger listens there. Throws UsageError, which says how one is started. */
export async function findDebugger({ host, port }: DebuggerAddress): Promise<void> {
	const problem = await new Promise<string | undefined>((resolve) => {
		const socket = connect({ host, port });
		const done = (found: string | undefined) => {
			socket.destroy();
			resolve(found);
		};
		socket.setTimeout(PATIENCE, () => done("no answer"));
		socket.once("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
		socket.once("connect", () => done(undefined));
	});
	if (problem === undefined) return;
	throw new UsageError(
		`--debug: no debugger listens at ${host}:${port} (${problem}). Start xsbug first: it comes with the Moddable SDK ($MODDABLE/build/bin/lin/release/xsbug on Linux, xsbug.app on macOS; "xs-dev setup" installs it)`,
	);
}
