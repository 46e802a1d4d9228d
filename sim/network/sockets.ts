import type { ByteStream, ConnectOptions, Datagrams, Listening, Peer } from "../../hosts/shared/services/network";

/** What a node reaches beside what is simulated: sockets and names of the computer that it runs on. */
export interface Sockets {
	/** `onConnect` once usable (after the handshake, with TLS); failures are the stream's `error`. */
	connect(options: ConnectOptions, onConnect: () => void): ByteStream;
	/** On 127.0.0.1 unless `address` says otherwise. Throws when the port is taken. */
	listen(port: number, address: string | undefined, onConnection: (stream: ByteStream, peer: Peer) => void): Listening;
	/** With a port it is bound to 127.0.0.1 unless `address` says otherwise; without one it may send anywhere. */
	bind(
		port: number | undefined,
		address: string | undefined,
		onPacket: (bytes: Uint8Array, address: string, port: number) => void,
		onError: (error: Error) => void,
	): Datagrams;
	/** The address of a name. IPv4 only, as on the board. */
	lookup(host: string, callback: (error: Error | undefined, address?: string) => void): void;
}

/** What is simulated of the internet, as a node uses it. */
export interface Reachable {
	/** ms one way. */
	readonly latency: number;
	/** The address of a simulated name. */
	lookup(host: string): string | undefined;
	/** Takes the packets to an address. */
	receiver(
		address: string,
		port: number,
	): ((bytes: Uint8Array, from: Peer, reply: (bytes: Uint8Array) => void) => void) | undefined;
	/** True when a server in memory listens there. */
	serves(address: string, port: number): boolean;
	/** Connects in memory; a missing server is the stream's error. */
	connect(to: Peer, from: Peer, onConnect: () => void): ByteStream;
	/** Starts a server in memory; returns how to end it. */
	serve(host: string, port: number, accept: (stream: ByteStream, peer: Peer) => void): () => void;
	/** Under virtual time: what must settle before time may move on. */
	idle(): Promise<void> | undefined;
}
