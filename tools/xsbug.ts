import { connect } from "node:net";

/** Where xsbug listens. */
export interface DebuggerAddress {
	readonly host: string;
	readonly port: number;
}

/** xsbug's own port. */
export const DEBUGGER_PORT = 5002;
/** How long a debugger may take to be found (ms). */
const PATIENCE = 2_000;

/** As the SDK takes it from the environment; `undefined`: XSBUG_PORT is no port. */
export function debuggerAddress(env: NodeJS.ProcessEnv = process.env): DebuggerAddress | undefined {
	const { XSBUG_HOST, XSBUG_PORT } = env;
	const port = Number(XSBUG_PORT || DEBUGGER_PORT);
	return Number.isInteger(port) && port > 0 && port < 65_536 ? { host: XSBUG_HOST || "localhost", port } : undefined;
}

/** Resolves to why no debugger was found there; undefined: one listens. */
export function debuggerProblem({ host, port }: DebuggerAddress): Promise<string | undefined> {
	return new Promise((resolve) => {
		const socket = connect({ host, port });
		const done = (problem: string | undefined) => {
			socket.destroy();
			resolve(problem);
		};
		socket.setTimeout(PATIENCE, () => done("no answer"));
		socket.once("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
		socket.once("connect", () => done(undefined));
	});
}
