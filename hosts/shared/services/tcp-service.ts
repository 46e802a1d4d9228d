import type { Service } from "../host";
import type { HostValue } from "../host-value";
import { NetworkOperation, QueueEvent, SocketEvent, type TCPRequest } from "../operations/network";
import type { Certificate, Connection, ConnectOptions, Listening, TLSParameters } from "./network";
import { TCPSocket } from "./tcp-socket";

/** A node whose Wi-Fi stays away this long loses its address, and its connections (ms): ESP-IDF's `IP lost` timer. */
export const ADDRESS_LOST = 120_000;

type Report = (event: number, a?: number | string, b?: string) => void;

interface ListenerEntry {
	readonly listening: Listening;
	/** Handles of connections that nobody has taken yet. */
	readonly waiting: number[];
}

/** What stands in the firmware's TLS options, in the form that the host's TLS takes. Each throws when it is none of the kind. */
export interface Certificates {
	/** One or several certificates, PEM or DER (several DER ones follow each other). `what`: for the error. */
	certificates(value: HostValue, what: string): Certificate[];
	key(value: HostValue): Certificate;
}

/** TCP sockets, TLS sockets if the host has them, and listeners. */
export const tcpService =
	(certificates?: Certificates): Service =>
	(context, host) => {
		const { network } = context;
		const sockets = new Map<number, TCPSocket>();
		const listeners = new Map<number, ListenerEntry>();
		/** Closed by the firmware while the Wi-Fi was away: the peer learns it later. */
		let zombies: TCPSocket[] = [];
		/** Handles whose name is being resolved. */
		const pending = new Set<number>();
		let connections = 0;
		let lost: ReturnType<typeof host.clock.set> | undefined;

		const unsubscribe = network.subscribe(() => {
			host.clock.clear(lost);
			lost = undefined;
			if (network.up) {
				for (const socket of [...sockets.values(), ...zombies]) socket.onLink();
				zombies = [];
			} else lost = host.clock.set(abortAll, ADDRESS_LOST);
		});

		function abortAll(): void {
			for (const socket of sockets.values()) socket.abort("connection aborted: the Wi-Fi was away too long");
		}

		function reporter(handle: number): Report {
			return (event, a, b) => host.event(handle, event, a, b);
		}

		function open(request: TCPRequest, tls?: TLSParameters): number {
			const handle = host.newHandle();
			const report = reporter(handle);
			const target = request.address ?? request.host!;
			if (!network.up) {
				report(SocketEvent.error, `${target}:${request.port}: network unreachable (no Wi-Fi)`, "ENETUNREACH");
				return handle;
			}
			const connect = (address: string) => {
				const options: ConnectOptions = { ...request, address, tls };
				sockets.set(
					handle,
					newSocket(options, (onConnect) => network.connect(options, onConnect), report),
				);
			};
			if (request.address !== undefined) connect(request.address);
			else {
				pending.add(handle);
				network.resolve(request.host!, (error, address) => {
					if (!pending.delete(handle)) return;
					if (error) report(SocketEvent.error, error.message, (error as { code?: string }).code ?? "ENOTFOUND");
					else connect(address!);
				});
			}
			return handle;
		}

		function newSocket(
			options: { address: string; port: number; tls?: TLSParameters },
			openStream: ConstructorParameters<typeof TCPSocket>[2],
			report: Report,
		): TCPSocket {
			const { address, port, tls } = options;
			const connection: Connection = {
				id: ++connections,
				address,
				port,
				secure: tls !== undefined,
				serverName: tls?.serverName,
			};
			return new TCPSocket(network, connection, openStream, report);
		}

		function parameters(
			make: Certificates,
			{ address, host: name, tls }: TCPRequest,
			ca: HostValue,
			certificate: HostValue,
			key: HostValue,
		): TLSParameters {
			return {
				serverName: tls?.serverName ?? name ?? address!,
				ca: ca === undefined ? undefined : make.certificates(ca, "certificate authority"),
				certificate: certificate === undefined ? undefined : make.certificates(certificate, "client certificate"),
				key: key === undefined ? undefined : make.key(key),
				protocols: tls?.protocols,
				minimumVersion: tls?.minimumVersion,
				maximumVersion: tls?.maximumVersion,
				date: host.date,
			};
		}

		/** Undefined for one that failed before it came to be. */
		function socket(handle: number): TCPSocket | undefined {
			return sockets.get(handle);
		}

		function close(handle: number): void {
			pending.delete(handle);
			const closing = sockets.get(handle);
			sockets.delete(handle);
			if (closing?.close()) zombies.push(closing);
		}

		return {
			operations: {
				[NetworkOperation.tcpConnect]: (request: string) => open(JSON.parse(request)),
				[NetworkOperation.tlsConnect]: (text: string, ca?: HostValue, certificate?: HostValue, key?: HostValue) => {
					const request: TCPRequest = JSON.parse(text);
					if (!certificates) throw new Error("TLS: this host has none");
					return open(request, parameters(certificates, request, ca, certificate, key));
				},
				[NetworkOperation.tcpRead]: (handle: number, byteLength: number) => socket(handle)?.read(byteLength),
				[NetworkOperation.tcpReadByte]: (handle: number) => socket(handle)?.read(1)?.[0],
				[NetworkOperation.tcpWrite]: (handle: number, bytes: ArrayBuffer) => {
					const target = socket(handle);
					if (!target && pending.has(handle)) throw new Error("TCP write: not connected yet (wait for onWritable)");
					return target?.write(new Uint8Array(bytes));
				},
				[NetworkOperation.tcpReadable]: (handle: number) => socket(handle)?.readable ?? 0,
				[NetworkOperation.tcpWritable]: (handle: number) => socket(handle)?.writable ?? 0,
				[NetworkOperation.tcpClose]: close,
				[NetworkOperation.tcpAddress]: (handle: number) => socket(handle)?.connection.address,
				[NetworkOperation.tcpPort]: (handle: number) => socket(handle)?.connection.port,
				[NetworkOperation.tcpAdopt]: (handle: number) => {
					const adopted = socket(handle);
					if (!adopted) throw new Error("TCP from: its connection has ended");
					const next = host.newHandle();
					sockets.delete(handle);
					sockets.set(next, adopted);
					adopted.adopt(reporter(next));
					return next;
				},
				[NetworkOperation.listenerOpen]: (port: number, address?: string) => {
					const handle = host.newHandle();
					const waiting: number[] = [];
					const listening = network.listen(port, address, (stream, peer) => {
						const accepted = host.newHandle();
						let connected = () => {};
						sockets.set(
							accepted,
							newSocket(
								peer,
								(onConnect) => {
									connected = onConnect;
									return stream;
								},
								() => {},
							),
						);
						connected();
						waiting.push(accepted);
						host.event(handle, QueueEvent.readable, waiting.length);
					});
					listeners.set(handle, { listening, waiting });
					return handle;
				},
				[NetworkOperation.listenerPort]: (handle: number) => listeners.get(handle)?.listening.port,
				[NetworkOperation.listenerAccept]: (handle: number) => listeners.get(handle)?.waiting.shift(),
				[NetworkOperation.listenerClose]: (handle: number) => {
					const entry = listeners.get(handle);
					listeners.delete(handle);
					entry?.listening.close();
					for (const waiting of entry?.waiting ?? []) close(waiting);
				},
			},
			close() {
				unsubscribe();
				pending.clear();
				for (const entry of listeners.values()) entry.listening.close();
				for (const left of [...sockets.values(), ...zombies]) left.destroy();
				sockets.clear();
			},
		};
	};
