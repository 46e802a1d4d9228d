import type { NodeTCP } from "../node-tcp";

/** A socket class like `io`, that tells of each socket that the client makes. */
export function watched(io: unknown, tell: (socket: NodeTCP) => void): never {
	return class extends (io as typeof NodeTCP) {
		constructor(options: NodeTCP["options"]) {
			super(options);
			tell(this);
		}
	} as never;
}
