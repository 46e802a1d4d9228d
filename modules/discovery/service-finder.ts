import type DNSSD from "embedded:network/dnssd";
import type { Service } from "embedded:network/dnssd";
import Timer from "timer";
import type { Log } from "../log/log";

/** Nobody answers within this (ms): it was asked three times or four. */
const DEADLINE = 8000;
/** When one answered, others have so long (ms). */
const SETTLE = 500;

/** Where the service was found last: the finder writes it, the socket reads it, the session says whether it is any good. */
export interface FoundPlace {
	name: string;
	host: string;
	address: string;
	/** 0: nowhere yet. */
	port: number;
	/** It took the node in, the last time that it was tried. */
	good: boolean;
}

export function noPlace(): FoundPlace {
	return { name: "", host: "", address: "", port: 0, good: false };
}

export interface ServiceFinderOptions {
	/** `device.network.dnssd` */
	readonly dnssd: { io: typeof DNSSD; socket: never };
	/** `_mqtt._tcp` */
	readonly serviceType: string;
	/** Of several the one that is called so; any that takes the node in without it. */
	readonly instance: string | undefined;
	readonly place: FoundPlace;
	readonly log: Log;
}

interface ResolveOptions {
	onResolved(host: string, address: string): void;
	onError?(error: Error): void;
}

/**
 * Finds a service where a resolver (ECMA-419 §22) finds a name: anew for each connection, because a service may move (RFC 6763 §4.1).
 * When nobody answers it is the last place again, as access points like to lose multicast packets.
 */
export class ServiceFinder {
	readonly #options: ServiceFinderOptions;
	#dnssd: DNSSD | undefined;
	#timer: Timer | undefined;
	readonly #found: Service[] = [];
	#onResolved: ResolveOptions["onResolved"] | undefined;
	#onError: ResolveOptions["onError"];

	constructor(options: ServiceFinderOptions) {
		this.#options = options;
	}

	/** The address; `place` says the rest. One at a time. */
	resolve({ onResolved, onError }: ResolveOptions): void {
		const { dnssd, serviceType } = this.#options;
		this.#onResolved = onResolved;
		this.#onError = onError;
		this.#dnssd = new dnssd.io(dnssd as never);
		this.#timer = Timer.set(() => this.#end(), DEADLINE);
		this.#dnssd.discover({
			serviceType,
			onFound: (service) => this.#add(service),
			onUpdate: (service) => this.#add(service),
			onLost: (service) => this.#remove(service),
		});
	}

	close(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#dnssd?.close();
		this.#dnssd = undefined;
		this.#onResolved = this.#onError = undefined;
	}

	#add(service: Service): void {
		this.#remove(service);
		// Others have no address by multicast DNS (RFC 6762 §3); nor may a node's certificate, whose name has no dot, do for a broker's.
		if (!service.host.toLowerCase().endsWith(".local")) return;
		this.#found.push(service);
		const { instance } = this.#options;
		if (instance !== undefined) {
			if (service.name === instance) this.#end();
		} else if (this.#found.length === 1) {
			Timer.clear(this.#timer);
			this.#timer = Timer.set(() => this.#end(), SETTLE);
		}
	}

	#remove({ name }: Service): void {
		const index = this.#found.findIndex((service) => service.name === name);
		if (index >= 0) this.#found.splice(index, 1);
	}

	#end(): void {
		const { place, log } = this.#options;
		const service = this.#choose();
		const onResolved = this.#onResolved!;
		const onError = this.#onError;
		const others = this.#found.map(({ name }) => `"${name}"`).join(", ");
		this.close();
		if (service) {
			const { name, host, address, port } = service;
			if (this.#found.length > 1 && name !== place.name)
				log.local("warn", `DNS-SD: several answer: ${others}; broker.discover.name chooses one`);
			place.name = name;
			place.host = host;
			place.address = address;
			place.port = port;
			place.good = false;
			log.local("info", `DNS-SD: "${name}" is ${host}, ${address}:${port}`);
		} else if (place.port === 0) {
			const { serviceType, instance } = this.#options;
			const wanted = others === "" ? "" : `, but ${others}, and "${instance}" is wanted`;
			onError?.(new Error(`DNS-SD: nobody answers for ${serviceType}${wanted}`));
			return;
		} else
			log.local("warn", `DNS-SD: nobody answers, trying "${place.name}" where it was, ${place.address}:${place.port}`);
		onResolved(place.host, place.address);
	}

	/**
	 * The one that is wanted. Else by name, so that all nodes choose the same: the one of before when it was good, or the next one, as
	 * the neighbour's broker may be there, too.
	 */
	#choose(): Service | undefined {
		const { instance, place } = this.#options;
		if (instance !== undefined) return this.#found.find(({ name }) => name === instance);
		this.#found.sort((one, other) => (one.name < other.name ? -1 : 1));
		const same = place.good && this.#found.find(({ name }) => name === place.name);
		return same || this.#found.find(({ name }) => name > place.name) || this.#found[0];
	}
}

interface Socket {
	io: new (options: never) => object;
	secure?: object;
	[option: string]: unknown;
}

export interface FoundSocketOptions {
	readonly place: FoundPlace;
	/** Constructor options of the socket itself. */
	readonly inner: Socket;
	/** What the server's certificate must carry; the name of the host that was found when omitted. */
	readonly serverName: string | undefined;
	[option: string]: unknown;
}

/** In place of a socket's class: a socket to where the service was found, at the port that it has there. */
export function FoundSocket({ place, inner, serverName, ...options }: FoundSocketOptions): object {
	const { host, port } = place;
	const secure = inner.secure && { secure: { ...inner.secure, serverName: serverName ?? host } };
	return new inner.io({ ...options, ...inner, ...secure, host: serverName ?? host, port } as never);
}
