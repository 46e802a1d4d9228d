import NativeUDP from "moddable/udp";
import Net from "net";
import type { ByteStream, ConnectOptions, Datagrams, Listening, Peer } from "../shared/services/network";
import { NativeListener } from "./listener";
import { TCPStream } from "./tcp-stream";
import { TLSStream } from "./tls/tls-stream";

/** Sockets of the computer as this host has them. */
export interface ModdableSockets {
	connect: typeof connect;
	listen: typeof listen;
	bind: typeof bind;
	lookup: typeof lookup;
}

/** A TCP or TLS connection of this computer. */
function connect(options: ConnectOptions, onConnect: () => void): ByteStream {
	const { address, port, noDelay, tls } = options;
	const open = (connected: () => void) => new TCPStream({ peer: { address, port }, noDelay, onConnect: connected });
	return tls ? new TLSStream(tls, open, onConnect) : open(onConnect);
}

/** Ports on which this machine listens. */
const listening: number[] = [];

/**
 * Listens on this computer, on all its interfaces: the SDK asks for no address. Throws when this machine listens there already;
 * the SDK's own check must not be met, for it leaves a reference to what it freed (`lin`, 8.2.3).
 */
function listen(
	port: number,
	_address: string | undefined,
	onConnection: (stream: ByteStream, peer: Peer) => void,
): Listening {
	if (listening.includes(port)) throw Object.assign(new Error(`port ${port} is in use`), { code: "EADDRINUSE" });
	const listener = new NativeListener({
		port,
		onReadable() {
			for (;;) {
				const from = listener.read();
				if (!from) break;
				const peer = { address: from.remoteAddress, port: from.remotePort };
				onConnection(new TCPStream({ peer, from }), peer);
			}
		},
	});
	const bound = listener.port;
	listening.push(bound);
	return {
		port: bound,
		close() {
			listener.close();
			listening.splice(listening.indexOf(bound), 1);
		},
	};
}

/** Packets of this computer. */
function bind(
	port: number | undefined,
	_address: string | undefined,
	onPacket: (bytes: Uint8Array, address: string, port: number) => void,
): Datagrams {
	const socket = new NativeUDP({
		...(port && { port }),
		onReadable() {
			const packet = socket.read();
			if (packet) onPacket(new Uint8Array(packet), packet.address, packet.port);
		},
	});
	const noMulticast = () => {
		throw new Error("multicast: the SDK's sockets of this platform have none");
	};
	return {
		send: (bytes, to, toPort) => socket.write(bytes, to, toPort),
		join: noMulticast,
		leave: noMulticast,
		close: () => socket.close(),
	};
}

/** The address of a name, by the computer's resolver. */
function lookup(host: string, callback: (error: Error | undefined, address?: string) => void): void {
	Net.resolve(host, (_name, address) => {
		if (address === undefined) callback(Object.assign(new Error(`${host}: no such name`), { code: "ENOTFOUND" }));
		else callback(undefined, address);
	});
}

export const moddableSockets: ModdableSockets = { connect, listen, bind, lookup };
