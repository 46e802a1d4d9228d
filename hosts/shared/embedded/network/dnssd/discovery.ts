import type { DiscoverOptions, Service } from "embedded:network/dnssd";
import Timer from "timer";
import { getCallback, requireString } from "../../options";
import { A, type Name, PTR, type ResourceRecord, type Response, SRV, sameLabel, sameName, TXT } from "./message";

/** Instances of a service that are looked after; further ones are not seen. */
const INSTANCES = 8;
/** Pairs of a TXT record that are kept, and their characters. */
const PAIRS = 16;
const PAIR_LENGTHS = 512;
/** The first question waits a random while, so that nodes that boot together do not ask at once (RFC 6762 §5.2); ms. */
const FIRST = 20;
const FIRST_SPREAD = 100;
/** ms until it is asked again: twice as long each time. */
const INTERVAL = 1000;
const LONGEST_INTERVAL = 60_000;
/** What did not answer so many times is gone. */
const MISSES = 3;
/** Questions about single instances, from one time to ask to the next: a hostile answer must not make the node talk. */
const DETAILS = 8;

interface Instance {
	name: string;
	host: Name | undefined;
	port: number;
	address: string | undefined;
	txt: Map<string, string | undefined>;
	/** The TXT record as it came, to see whether it changed. */
	pairs: string;
	/** `onFound` was called. */
	told: boolean;
	/** Since it was told. */
	changed: boolean;
	misses: number;
}

export interface DiscoveryOwner {
	ask(name: Name, type: number): void;
	/** It was closed. */
	ended(discovery: Discovery): void;
}

/** What `discover` returns: looks for the instances of one service type until it is closed. */
export class Discovery {
	readonly #owner: DiscoveryOwner;
	readonly #service: Name;
	readonly #instances: Instance[] = [];
	#onFound: DiscoverOptions["onFound"];
	#onUpdate: DiscoverOptions["onUpdate"];
	#onLost: DiscoverOptions["onLost"];
	#timer: Timer | undefined;
	#interval = INTERVAL;
	#details = 0;

	constructor(options: DiscoverOptions, owner: DiscoveryOwner) {
		const type = requireString("DNSSD discover", "serviceType", options.serviceType);
		if (!/^_[A-Za-z0-9-]{1,62}\._(tcp|udp)$/.test(type))
			throw new RangeError(`DNSSD discover: serviceType "${type}" is not of the form _name._tcp or _name._udp`);
		this.#onFound = getCallback("DNSSD discover", "onFound", options.onFound);
		this.#onUpdate = getCallback("DNSSD discover", "onUpdate", options.onUpdate);
		this.#onLost = getCallback("DNSSD discover", "onLost", options.onLost);
		this.#service = [...type.split("."), "local"];
		this.#owner = owner;
		this.#wait(FIRST + Math.random() * FIRST_SPREAD);
	}

	close(): void {
		if (!this.#timer) return;
		Timer.clear(this.#timer);
		this.#timer = this.#onFound = this.#onUpdate = this.#onLost = undefined;
		this.#owner.ended(this);
	}

	/** Takes what a response says. */
	take(response: Response): void {
		response.records(PTR, (record) => this.#pointer(response, record));
		response.records(SRV, (record) => this.#server(response, record));
		response.records(TXT, (record) => this.#description(response, record));
		for (const instance of this.#instances) this.#address(response, instance);
		for (const instance of [...this.#instances]) this.#look(instance);
	}

	#wait(milliseconds: number): void {
		this.#timer = Timer.set(() => this.#ask(), milliseconds);
	}

	#ask(): void {
		this.#details = 0;
		this.#wait(this.#interval);
		this.#interval = Math.min(this.#interval * 2, LONGEST_INTERVAL);
		for (const instance of [...this.#instances]) if (instance.misses++ === MISSES) this.#lose(instance);
		// It may have been closed by a callback.
		if (this.#timer) this.#owner.ask(this.#service, PTR);
	}

	#pointer(response: Response, { name, ttl, at }: ResourceRecord): void {
		if (!sameName(name, this.#service)) return;
		const instance = this.#of(response.name(at), ttl > 0);
		if (!instance) return;
		instance.misses = 0;
		if (ttl === 0) this.#lose(instance);
	}

	/** RFC 2782: priority, weight, port, host. */
	#server(response: Response, { name, ttl, at, length }: ResourceRecord): void {
		const instance = this.#of(name, ttl > 0);
		if (!instance || length < 7) return;
		if (ttl === 0) {
			this.#lose(instance);
			return;
		}
		const port = response.number(at + 4);
		const host = response.name(at + 6);
		// A port of 0 and a root as host say that there is no such service.
		if (port === 0 || !host || host.length === 0) return;
		if (instance.host && instance.port === port && sameName(instance.host, host)) return;
		instance.address = instance.host && sameName(instance.host, host) ? instance.address : undefined;
		instance.host = host;
		instance.port = port;
		instance.changed = true;
	}

	/** RFC 6763 §6.4: the first of several with one key counts. */
	#description(response: Response, { name, ttl, at, length }: ResourceRecord): void {
		const instance = this.#of(name, ttl > 0);
		if (!instance || ttl === 0) return;
		const txt = new Map<string, string | undefined>();
		let pairs = "";
		for (const end = at + length; at < end; at += 1 + response.byte(at)) {
			const text = at + 1 + response.byte(at) > end ? undefined : response.text(at + 1, response.byte(at));
			if (!text || text[0] === "=") continue;
			if (txt.size === PAIRS || pairs.length + text.length > PAIR_LENGTHS) break;
			const equal = text.indexOf("=");
			const key = equal < 0 ? text : text.slice(0, equal);
			if (txt.has(key)) continue;
			txt.set(key, equal < 0 ? undefined : text.slice(equal + 1));
			pairs += `${text}\n`;
		}
		if (pairs === instance.pairs) return;
		instance.txt = txt;
		instance.pairs = pairs;
		instance.changed = true;
	}

	/** Of a host with several addresses any one will do, as long as it is there. */
	#address(response: Response, instance: Instance): void {
		const { host } = instance;
		if (!host) return;
		let first: string | undefined;
		let kept = false;
		response.records(A, ({ name, ttl, at, length }) => {
			if (ttl === 0 || length !== 4 || !sameName(name, host)) return;
			const net = response.byte(at);
			// Neither "this network" nor multicast is where somebody is.
			if (net === 0 || net >= 224) return;
			const address = `${net}.${response.byte(at + 1)}.${response.byte(at + 2)}.${response.byte(at + 3)}`;
			first ??= address;
			kept ||= address === instance.address;
		});
		if (kept || first === undefined) return;
		instance.address = first;
		instance.changed = true;
	}

	/**
	 * The instance of this name; `undefined` when the name is none of this service, or there are too many. One that nobody knows
	 * more of than its name gives way to another.
	 */
	#of(name: Name | undefined, make: boolean): Instance | undefined {
		if (!name || name.length !== this.#service.length + 1 || !sameName(name.slice(1), this.#service)) return undefined;
		const label = name[0]!;
		const known = this.#instances.find((instance) => sameLabel(instance.name, label));
		if (known || !make) return known;
		if (this.#instances.length === INSTANCES) {
			const vague = this.#instances.findIndex(({ told }) => !told);
			if (vague < 0) return undefined;
			this.#instances.splice(vague, 1);
		}
		const instance: Instance = {
			name: label,
			host: undefined,
			port: 0,
			address: undefined,
			txt: new Map(),
			pairs: "",
			told: false,
			changed: false,
			misses: 0,
		};
		this.#instances.push(instance);
		return instance;
	}

	/** Tells of an instance that is known well enough, asks about one that is not. */
	#look(instance: Instance): void {
		if (!this.#timer) return;
		const { host, address } = instance;
		if (host && address !== undefined) {
			if (!instance.changed) return;
			instance.changed = false;
			const call = instance.told ? this.#onUpdate : this.#onFound;
			instance.told = true;
			call?.call(this, serviceOf(instance));
		} else if (this.#details++ < DETAILS) {
			if (host) this.#owner.ask(host, A);
			else this.#owner.ask([instance.name, ...this.#service], SRV);
		}
	}

	#lose(instance: Instance): void {
		const index = this.#instances.indexOf(instance);
		if (index < 0) return;
		this.#instances.splice(index, 1);
		if (instance.told) this.#onLost?.call(this, serviceOf(instance));
	}
}

function serviceOf({ name, host, address, port, txt }: Instance): Service {
	return { name, host: host!.join("."), address: address!, port, txt: new Map(txt) };
}
