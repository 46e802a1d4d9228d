import type { NodeTCP } from "../node-tcp";

type Socket = { io: unknown; websocket?: { socket: Socket } };

/** Options of a client's socket like these, that tell of each TCP socket that is made: for WebSocket, the one below it. */
export function watched(options: object, tell: (socket: NodeTCP) => void): never {
	const { io, websocket } = options as Socket;
	if (websocket) {
		return { ...options, websocket: { ...websocket, socket: watched(websocket.socket, tell) } } as never;
	}
	class Watched extends (io as typeof NodeTCP) {
		constructor(socketOptions: NodeTCP["options"]) {
			super(socketOptions);
			tell(this);
		}
	}
	return { ...options, io: Watched } as never;
}
