import type { Server } from "node:net";

const LAST_PORT = 65_535;

/**
 * Listens on `host`, at `port` or, if that is taken, at the next free one; resolves to the port. With `port` 0 the
 * system chooses.
 */
export async function listenNear(server: Server, port: number, host = "127.0.0.1"): Promise<number> {
	for (let candidate = port; candidate <= LAST_PORT; candidate++) {
		try {
			return await listen(server, candidate, host);
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
		}
	}
	throw new Error(`no free TCP port from ${port} up on ${host}`);
}

function listen(server: Server, port: number, host: string): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen({ port, host, exclusive: true }, () => {
			server.off("error", reject);
			const address = server.address();
			resolve(typeof address === "object" && address ? address.port : port);
		});
	});
}
