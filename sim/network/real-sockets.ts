import { createSocket } from "node:dgram";
import { lookup } from "node:dns";
import { connect, createServer, isIP } from "node:net";
import { networkInterfaces } from "node:os";
import type { Duplex } from "node:stream";
import { checkServerIdentity, connect as connectTLS, type SecureVersion, type TLSSocket } from "node:tls";
import type { ConnectOptions, Datagrams, Listening, Peer, TLSParameters } from "../../hosts/shared/services/network";
import type { Sockets } from "./sockets";

const ANY = "0.0.0.0";
const LOOPBACK = "127.0.0.1";

/** A TCP or TLS connection of this computer. */
function connectSocket(options: ConnectOptions, onConnect: () => void): Duplex {
	const { address, port, noDelay, keepAlive, tls } = options;
	const common = {
		host: address,
		port,
		noDelay: noDelay ?? false,
		keepAlive: keepAlive !== undefined,
		keepAliveInitialDelay: keepAlive ?? 0,
	};
	if (!tls) return connect(common, onConnect);
	const socket: TLSSocket = connectTLS(
		{
			...common,
			servername: isIP(tls.serverName) ? "" : tls.serverName,
			ca: tls.ca as string[] | undefined,
			cert: tls.certificate as string[] | undefined,
			key: tls.key as string | undefined,
			ALPNProtocols: tls.protocols,
			minVersion: tls.minimumVersion as SecureVersion | undefined,
			maxVersion: tls.maximumVersion as SecureVersion | undefined,
			rejectUnauthorized: true,
			checkServerIdentity: (_host, certificate) => checkServerIdentity(tls.serverName, certificate),
		},
		() => {
			const problem = checkDates(socket, tls);
			if (problem) socket.destroy(problem);
			else onConnect();
		},
	);
	return socket;
}

/** Node checks certificates against this computer's date; the board, against its own. */
function checkDates(socket: TLSSocket, { date }: TLSParameters): Error | undefined {
	for (let certificate = socket.getPeerX509Certificate(); certificate; certificate = certificate.issuerCertificate) {
		const early = date < Date.parse(certificate.validFrom);
		if (early || date > Date.parse(certificate.validTo)) {
			const message = `certificate ${early ? "not valid yet" : "expired"} on ${new Date(date).toISOString()}, the node's date`;
			return Object.assign(new Error(message), { code: early ? "CERT_NOT_YET_VALID" : "CERT_HAS_EXPIRED" });
		}
		if (certificate.issuerCertificate === certificate) break;
	}
	return undefined;
}

/** Ports of this process: they are bound a moment after they were given out. */
const listening = new Set<number>();

/** Listens on this computer: on 127.0.0.1 unless `address` says otherwise. Throws EADDRINUSE. */
function listenSocket(
	port: number,
	address: string | undefined,
	onConnection: (stream: Duplex, peer: Peer) => void,
): Listening {
	// Node binds to an address only later; ECMA-419 wants the port, or the error, at once. Without an address it binds at once.
	const inUse = () => Object.assign(new Error(`port ${port} is in use`), { code: "EADDRINUSE" });
	if (listening.has(port)) throw inUse();
	const probe = createServer().on("error", () => {});
	probe.listen(port);
	const bound = probe.address();
	probe.close();
	if (!bound || typeof bound === "string") throw inUse();
	const server = createServer((socket) => {
		onConnection(socket, { address: socket.remoteAddress ?? LOOPBACK, port: socket.remotePort ?? 0 });
	});
	server.on("error", () => {});
	server.listen(bound.port, address ?? LOOPBACK);
	listening.add(bound.port);
	return {
		port: bound.port,
		close() {
			listening.delete(bound.port);
			server.close();
		},
	};
}

/** Packets of this computer. With a port it is bound to 127.0.0.1 unless `address` says otherwise; without one it may send anywhere. */
function bindSocket(
	port: number | undefined,
	address: string | undefined,
	onPacket: (bytes: Uint8Array, address: string, port: number) => void,
	onError: (error: Error) => void,
): Datagrams {
	const socket = createSocket({ type: "udp4", reuseAddr: false });
	let open = true;
	let multicast: Promise<void> = Promise.resolve();
	/** By each network in turn, as which one is a property of the socket. The default route may be missing, or a VPN's. */
	const sendToGroup = async (bytes: Uint8Array, group: string, toPort: number) => {
		for (const own of ownAddresses())
			await new Promise<void>((resolve) => {
				if (!open) return resolve();
				try {
					socket.setMulticastInterface(own);
				} catch {
					// It has gone in the meantime.
					return resolve();
				}
				socket.send(bytes, toPort, group, () => resolve());
			});
	};
	socket.on("message", (bytes, from) => onPacket(bytes, from.address, from.port));
	socket.on("error", onError);
	socket.bind(port ?? 0, address ?? (port === undefined ? ANY : LOOPBACK));
	socket.unref();
	return {
		send: (bytes, to, toPort) => {
			if (!open) return;
			if (isGroup(to)) multicast = multicast.then(() => sendToGroup(bytes, to, toPort));
			else socket.send(bytes, toPort, to, () => {});
		},
		join: (group) => socket.addMembership(group),
		leave: (group) => socket.dropMembership(group),
		close: () => {
			open = false;
			socket.close();
		},
	};
}

function isGroup(address: string): boolean {
	const first = Number(address.split(".")[0]);
	return first >= 224 && first <= 239;
}

/** An IPv4 address of each network of this computer; loopback when there is none. */
function ownAddresses(): string[] {
	const networks = Object.values(networkInterfaces()).flatMap(
		(all) => all?.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? [],
	);
	return networks.length > 0 ? networks : [LOOPBACK];
}

/** The address of a name, by this computer's resolver. IPv4 only, as on the board. */
function lookupName(host: string, callback: (error: Error | undefined, address?: string) => void): void {
	lookup(host, { family: 4 }, (error, address) => {
		if (error) callback(Object.assign(new Error(`${host}: no such name`), { code: error.code ?? "ENOTFOUND" }));
		else callback(undefined, address);
	});
}

/** Sockets and names of this computer, by Node.js. */
export const realSockets: Sockets = {
	connect: connectSocket,
	listen: listenSocket,
	bind: bindSocket,
	lookup: lookupName,
};
