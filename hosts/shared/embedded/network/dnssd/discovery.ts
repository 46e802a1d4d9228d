import type { DiscoverOptions, Service } from "embedded:network/dnssd";
import Timer from "timer";
import { getCallback, getString, requireString } from "../../options";
import {
	A,
	decode,
	LONGEST_HOST,
	LONGEST_LABEL,
	type Name,
	nameOf,
	PTR,
	type Response,
	SRV,
	TXT,
	textOf,
} from "./message";

/** Instances of a service that are looked after; further ones are not seen, but for the one that is looked for by its name. */
const INSTANCES = 8;
/** Bytes of a TXT record that are kept (RFC 6763 §6.2: it is to be small), and pairs. */
const TXT_LENGTH = 256;
const PAIRS = 16;
/** The first question waits a random while, so that nodes that boot together do not ask at once (RFC 6762 §5.2); ms. */
const FIRST = 20;
const FIRST_SPREAD = 100;
/** ms until it is asked again: twice as long each time. */
const INTERVAL = 1000;
const LONGEST_INTERVAL = 60_000;
/** What did not answer so many times is gone. */
const MISSES = 3;
/**
 * Questions about single instances, from one time to ask to the next: a hostile answer must not make the node talk. As many
 * again are for the one that is looked for.
 */
const DETAILS = 8;

/** As it came from the network, without objects made of it: hostile ones may be as large as they can. */
interface Instance {
	/** With the service's. */
	readonly name: Name;
	/** The one that is looked for by its name. */
	readonly wanted: boolean;
	host: Name | undefined;
	port: number;
	/** IPv4; 0: none yet. */
	address: number;
	/** The beginning of its TXT record, whole pairs. */
	txt: Uint8Array | undefined;
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
	/** The name of the one that is looked for. */
	readonly #wanted: Name | undefined;
	readonly #instances: Instance[] = [];
	readonly #preferred: string | undefined;
	readonly #withText: boolean;
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
		const service = [...type.split("."), "local"];
		this.#service = nameOf(...service);
		const name = getString("DNSSD discover", "name", options.name);
		if (name !== undefined) this.#wanted = nameOf(name, ...service);
		this.#preferred = getString("DNSSD discover", "prefer", options.prefer);
		this.#withText = options.txt ?? true;
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
		response.rewind();
		while (response.next()) {
			const { type } = response;
			if (type === PTR) this.#pointer(response);
			else if (type === SRV) this.#server(response);
			else if (type === TXT && this.#withText) this.#description(response);
		}
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

	#pointer(response: Response): void {
		if (!response.matches(response.at, this.#service)) return;
		const { ttl } = response;
		const instance = this.#of(response, response.data, ttl > 0);
		if (!instance) return;
		instance.misses = 0;
		if (ttl === 0) this.#lose(instance);
	}

	/** RFC 2782: priority, weight, port, host. */
	#server(response: Response): void {
		const { ttl, data, length } = response;
		const instance = this.#of(response, response.at, ttl > 0);
		if (!instance || length < 7) return;
		if (ttl === 0) {
			this.#lose(instance);
			return;
		}
		const port = response.number(data + 4);
		if (port === 0) return;
		if (!instance.host || !response.matches(data + 6, instance.host)) {
			const host = response.name(data + 6, LONGEST_HOST);
			// A root as host says, as a port of 0 does, that there is no such service.
			if (!host || host.length === 1) return;
			instance.host = host;
			instance.address = 0;
			instance.changed = true;
		}
		if (instance.port === port) return;
		instance.port = port;
		instance.changed = true;
	}

	#description(response: Response): void {
		const instance = this.#of(response, response.at, response.ttl > 0);
		if (!instance || response.ttl === 0) return;
		const { data } = response;
		const most = Math.min(response.length, TXT_LENGTH);
		let length = 0;
		for (;;) {
			const next = length + 1 + response.byte(data + length);
			if (length >= most || next > most) break;
			length = next;
		}
		const { txt } = instance;
		let at = txt?.length === length ? 0 : -1;
		while (at >= 0 && at < length) at = txt![at] === response.byte(data + at) ? at + 1 : -1;
		if (at === length || (!txt && length === 0)) return;
		instance.txt = response.copy(length);
		instance.changed = true;
	}

	/**
	 * Of a host with several addresses one that was told stays, as long as it is there. Else it is the preferred one, or any: not all
	 * need lead to it, and who tries again is to try another.
	 */
	#address(response: Response, instance: Instance): void {
		const { host } = instance;
		if (!host) return;
		let chosen = 0;
		let count = 0;
		for (response.rewind(); response.next(); ) {
			if (response.type !== A || response.ttl === 0 || response.length !== 4) continue;
			if (!response.matches(response.at, host)) continue;
			const { data } = response;
			const net = response.byte(data);
			// Neither "this network" nor multicast is where somebody is.
			if (net === 0 || net >= 224) continue;
			const address = response.number(data) * 0x1_0000 + response.number(data + 2);
			if (address === instance.address) return;
			if (chosen !== 0 && textOfAddress(chosen) === this.#preferred) continue;
			if (Math.random() * ++count < 1 || textOfAddress(address) === this.#preferred) chosen = address;
		}
		if (chosen === 0) return;
		instance.address = chosen;
		instance.changed = true;
	}

	/**
	 * The instance of this name; `undefined` when the name is none of this service, or there are too many. One that nobody knows
	 * more of than its name gives way to another.
	 */
	#of(response: Response, at: number, make: boolean): Instance | undefined {
		const label = response.label(at);
		if (label === undefined || !response.matches(label + 1 + response.byte(label), this.#service)) return undefined;
		for (const instance of this.#instances) if (response.matches(label, instance.name)) return instance;
		const name = make && response.name(label, 1 + LONGEST_LABEL + this.#service.length);
		if (!name) return undefined;
		const wanted = this.#wanted !== undefined && response.matches(label, this.#wanted);
		if (this.#instances.length >= INSTANCES && !wanted) {
			const vague = this.#instances.findIndex((instance) => !instance.told && !instance.wanted);
			if (vague < 0) return undefined;
			this.#instances.splice(vague, 1);
		}
		const instance: Instance = {
			name,
			wanted,
			host: undefined,
			port: 0,
			address: 0,
			txt: undefined,
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
		if (host && address !== 0) {
			if (!instance.changed) return;
			instance.changed = false;
			const call = instance.told ? this.#onUpdate : this.#onFound;
			instance.told = true;
			call?.call(this, serviceOf(instance));
		} else if (this.#details < (instance.wanted ? 2 * DETAILS : DETAILS)) {
			this.#details++;
			if (host) this.#owner.ask(host, A);
			else this.#owner.ask(instance.name, SRV);
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
	return {
		name: decode(name.buffer as ArrayBuffer, 1, name[0]!)!,
		host: textOf(host!)!,
		address: textOfAddress(address),
		port,
		txt: pairsOf(txt),
	};
}

function textOfAddress(address: number): string {
	return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** RFC 6763 §6.4: the first of several with one key counts. What is no text is left out. */
function pairsOf(bytes: Uint8Array | undefined): Map<string, string | undefined> {
	const txt = new Map<string, string | undefined>();
	if (!bytes) return txt;
	for (let at = 0; at < bytes.length && txt.size < PAIRS; at += 1 + bytes[at]!) {
		const text = decode(bytes.buffer as ArrayBuffer, at + 1, bytes[at]!);
		if (!text || text[0] === "=") continue;
		const equal = text.indexOf("=");
		const key = equal < 0 ? text : text.slice(0, equal);
		if (!txt.has(key)) txt.set(key, equal < 0 ? undefined : text.slice(equal + 1));
	}
	return txt;
}
