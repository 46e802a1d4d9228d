import type DNSSD from "embedded:network/dnssd";
import type { Service } from "embedded:network/dnssd";
import Timer from "timer";
import type { Log } from "../log/log";

/** Nobody answers within this (ms): it was asked four times. */
const DEADLINE = 8000;
/** When one answered, others have so long (ms). */
const SETTLE = 500;
/** So many attempts more are for a broker that took the node in before: one that restarts is soon back. */
const LOYALTY = 3;

/** What counts of a service. */
type Found = Pick<Service, "name" | "host" | "address" | "port">;

/** Where the service was found last: the finder writes it, the socket reads it, the session says whether it is any good. */
export interface FoundPlace {
	found: Found | undefined;
	/** It took the node in, the last time that it was tried. */
	good: boolean;
	/** Attempts that it still gets although others answer. */
	left: number;
	/** Where it took the node in before, when `found` did not. */
	before: Found | undefined;
}

export function noPlace(): FoundPlace {
	return { found: undefined, good: false, left: 0, before: undefined };
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
	readonly #found: Found[] = [];
	#onResolved: ResolveOptions["onResolved"] | undefined;
	#onError: ResolveOptions["onError"];

	constructor(options: ServiceFinderOptions) {
		this.#options = options;
	}

	/** The address; `place` says the rest. One at a time. */
	resolve({ onResolved, onError }: ResolveOptions): void {
		const { dnssd, serviceType, instance, place } = this.#options;
		if (place.good) place.left = LOYALTY;
		else if (place.left > 0) place.left--;
		this.#onResolved = onResolved;
		this.#onError = onError;
		this.#dnssd = new dnssd.io(dnssd as never);
		this.#timer = Timer.set(() => this.#end(), DEADLINE);
		this.#dnssd.discover({
			serviceType,
			name: instance,
			prefer: place.good ? place.found?.address : undefined,
			txt: false,
			onFound: (service) => this.#add(service),
			onUpdate: (service) => this.#add(service),
			onLost: ({ name }) => this.#remove(name),
		});
	}

	close(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#dnssd?.close();
		this.#dnssd = undefined;
		this.#onResolved = this.#onError = undefined;
	}

	#add({ name, host, address, port }: Service): void {
		this.#remove(name);
		// Others have no address by multicast DNS (RFC 6762 §3); nor may a node's certificate, whose name has no dot, do for a broker's.
		if (!host.toLowerCase().endsWith(".local")) return;
		this.#found.push({ name, host, address, port });
		if (this.#options.instance !== undefined) {
			if (this.#wanted(name)) this.#end();
		} else if (this.#found.length === 1) {
			Timer.clear(this.#timer);
			this.#timer = Timer.set(() => this.#end(), SETTLE);
		}
	}

	#remove(name: string): void {
		const index = this.#found.findIndex((service) => service.name === name);
		if (index >= 0) this.#found.splice(index, 1);
	}

	/** Letters are alike in names of DNS. */
	#wanted(name: string): boolean {
		return name.toLowerCase() === this.#options.instance?.toLowerCase();
	}

	#end(): void {
		const { place, log, serviceType, instance } = this.#options;
		const service = this.#choose();
		const onResolved = this.#onResolved!;
		const onError = this.#onError;
		const others = this.#found.map(({ name }) => `"${name}"`).join(", ");
		this.close();
		if (service) {
			const { name, host, address, port } = service;
			if (instance === undefined && this.#found.length > 1 && name !== place.found?.name)
				log.local("warn", `DNS-SD: several answer: ${others}; broker.discover.name chooses one`);
			if (place.good) place.before = place.found;
			if (name !== place.found?.name) place.left = 0;
			place.found = service;
			place.good = false;
			log.local("info", `DNS-SD: "${name}" is ${host}, ${address}:${port}`);
			onResolved(host, address);
			return;
		}
		const { before } = place;
		if (before && !place.good) {
			// One of the two it will be.
			place.before = place.found;
			place.found = before;
		}
		const last = place.found;
		if (last) {
			const { name, host, address, port } = last;
			log.local("warn", `DNS-SD: nobody answers, trying "${name}" where it was, ${address}:${port}`);
			onResolved(host, address);
			return;
		}
		const wanted = others === "" ? "" : `, but ${others}, and "${instance}" is wanted`;
		onError?.(new Error(`DNS-SD: nobody answers for ${serviceType}${wanted}`));
	}

	/**
	 * The one that is wanted. Else by name, so that all nodes choose the same: the one of before when it was good, for a while; or the
	 * next one, as the neighbour's broker may be there, too.
	 */
	#choose(): Found | undefined {
		const { instance, place } = this.#options;
		if (instance !== undefined) return this.#found.find(({ name }) => this.#wanted(name));
		this.#found.sort((one, other) => (one.name < other.name ? -1 : 1));
		const last = place.found?.name ?? "";
		const same = place.left > 0 && this.#found.find(({ name }) => name === last);
		return same || this.#found.find(({ name }) => name > last) || this.#found[0];
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
	const { host, port } = place.found!;
	const secure = inner.secure && { secure: { ...inner.secure, serverName: serverName ?? host } };
	return new inner.io({ ...options, ...inner, ...secure, host: serverName ?? host, port } as never);
}
