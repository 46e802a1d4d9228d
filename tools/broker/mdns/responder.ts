import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, SrvData } from "dns-packet";
import multicastDns, { type MulticastDNS, type QueryPacket } from "multicast-dns";
import { BrokerError } from "../broker-error";
import { Allowance } from "./allowance";
import { type LocalAddress, localAddresses, onLink } from "./interfaces";
import { legacy, type OwnRecord, type Service, ServiceRecords, sameName, wantsUnicast } from "./records";

const PORT = 5353;
/** ms (RFC 6762 §8.1). */
const PROBE_EVERY = 250;
const PROBES = 3;
/** ms between announcements, and before a record may be multicast again (RFC 6762 §8.3, §6). */
const SECOND = 1000;
/** Replies a second to single askers: enough for a house of nodes, and too few to flood somebody by a false source address. */
const MOST_REPLIES = 50;
/** So that whoever gets it knows that no router was in between (RFC 6762 §11). */
const TTL = 255;

/** What the library's own types leave out. */
type Query = QueryPacket & { readonly opcode: string; readonly rcode: string };

/**
 * Tells the local network about one service by multicast DNS (RFC 6762), IPv4. It answers who is on the same network segment
 * only, and with the addresses that this computer has there.
 */
export class Responder {
	readonly #service: Service;
	readonly #only: string | undefined;
	readonly #socket: Socket;
	readonly #mdns: MulticastDNS;
	readonly #allowance = new Allowance(MOST_REPLIES);
	/** When a record was last multicast, by interface and record: as many as there are of both. */
	readonly #multicast = new Map<string, number>();
	#sending: Promise<unknown> = Promise.resolve();
	#again: NodeJS.Timeout | undefined;
	#announced = false;

	private constructor(service: Service, only: string | undefined) {
		this.#service = service;
		this.#only = only;
		this.#socket = createSocket({ type: "udp4", reuseAddr: true });
		this.#mdns = multicastDns({ socket: this.#socket, ttl: TTL });
		// A network that came up later is told, too.
		this.#mdns.on("networkInterface", () => this.#announced && this.announce());
		// What is no DNS message, or cannot be joined or sent: others' mistakes, and networks that have gone.
		this.#mdns.on("warning", () => {});
		this.#mdns.on("error", () => {});
	}

	/** Opens the port. `only`: the one address that the service listens on. Throws BrokerError. */
	static async open(service: Service, only?: string): Promise<Responder> {
		const responder = new Responder(service, only);
		try {
			await responder.#bound();
		} catch (error) {
			responder.#mdns.destroy();
			throw error;
		}
		return responder;
	}

	/** Answers from now on, and tells everybody, now and a second later (RFC 6762 §8.3). */
	announce(): void {
		if (!this.#announced) this.#mdns.on("query", (query, from) => this.#hear(query as Query, from));
		this.#announced = true;
		this.#tell((records) => records.all);
		clearTimeout(this.#again);
		this.#again = setTimeout(() => this.#tell((records) => records.all), SECOND);
	}

	/** Says goodbye (RFC 6762 §10.1): the service has gone; the computer, and so its addresses, has not. */
	async close(): Promise<void> {
		clearTimeout(this.#again);
		const gone = (record: OwnRecord): OwnRecord => ({ ...record, ttl: 0 });
		if (this.#announced) this.#tell(({ pointer, service, text }) => [pointer, service, text].map(gone));
		await this.#sending;
		await new Promise<void>((resolve) => this.#mdns.destroy(resolve));
	}

	#bound(): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#mdns.once("ready", () => {
				this.#socket.setTTL(TTL);
				resolve();
			});
			this.#mdns.once("error", (error) =>
				reject(new BrokerError(`port ${PORT}/UDP, where the local network asks for services: ${error.message}`)),
			);
		});
	}

	/**
	 * Asks whether somebody else has the service's name or the computer's (RFC 6762 §8.1): resolves to who, or to undefined, after
	 * three quarters of a second.
	 */
	async rival(): Promise<string | undefined> {
		const { instance, target } = this.#service;
		const { service } = new ServiceRecords(this.#service, []);
		let taken: string | undefined;
		const hear = ({ answers }: { answers: readonly Answer[] }) => {
			const own = localAddresses().map(({ address }) => address);
			for (const answer of answers) {
				// Of one that says goodbye, the name is free.
				if (!("ttl" in answer) || answer.ttl === 0) continue;
				if (answer.type === "SRV" && sameName(answer.name, service.name) && !sameService(answer.data, this.#service))
					taken = `"${instance}" is the name of another broker on this network: --advertise-as NAME`;
				if (answer.type === "A" && sameName(answer.name, target) && !own.includes(answer.data))
					taken = `${target} is the name of another computer on this network, ${answer.data}: one needs another name`;
			}
		};
		this.#mdns.on("response", hear);
		for (let n = 0; n < PROBES && taken === undefined; n++) {
			for (const via of this.#networks())
				this.#send(via, (done) => {
					const questions = [service.name, target].map((name) => ({ name, type: "ANY" as "A" }));
					const authorities = new ServiceRecords(this.#service, this.#addressesAt(via));
					const proposed = [authorities.service, ...authorities.addresses].map((one) => ({ ...one, flush: false }));
					this.#mdns.query({ questions, authorities: proposed }, done);
				});
			await sleep(PROBE_EVERY);
		}
		this.#mdns.off("response", hear);
		return taken;
	}

	#hear(query: Query, from: RemoteInfo): void {
		// RFC 6762 §18.3, §18.11: of other kinds of messages nothing is to be understood.
		if (query.opcode !== "QUERY" || query.rcode !== "NOERROR") return;
		// Nobody is there to be answered.
		if (from.port === 0) return;
		// RFC 6762 §5.5: whoever is farther away has no business here, and no answer is to go that far.
		const here = onLink(from.address, localAddresses(this.#only));
		if (here.length === 0) return;
		const records = new ServiceRecords(
			this.#service,
			here.map(({ address }) => address),
		);
		if (from.port !== PORT) {
			const reply = records.answer(query.questions);
			if (reply.answers.length > 0 && this.#allowance.take()) this.#mdns.respond(legacy(reply, query.id), from);
			return;
		}
		const alone = query.questions.filter(wantsUnicast);
		const { answers, additionals } = records.answer(alone, query.answers);
		if (answers.length > 0 && this.#allowance.take()) this.#mdns.respond({ answers, additionals }, from);
		const others = query.questions.filter((question) => !wantsUnicast(question));
		const all = records.answer(others, query.answers);
		this.#multicastTo(here[0]!, all.answers, all.additionals);
	}

	/** Multicasts records on every network. */
	#tell(what: (records: ServiceRecords) => OwnRecord[]): void {
		for (const via of this.#networks()) {
			const answers = what(new ServiceRecords(this.#service, this.#addressesAt(via)));
			this.#send(via, (done) => this.#mdns.respond({ answers }, done));
		}
	}

	/** Multicasts those that were not within the last second (RFC 6762 §6). */
	#multicastTo(via: LocalAddress, answers: OwnRecord[], additionals: OwnRecord[]): void {
		const now = performance.now();
		const fresh = ({ type, name, data }: OwnRecord) => {
			const key = JSON.stringify([via.address, type, name, data]);
			if (now - (this.#multicast.get(key) ?? -SECOND) < SECOND) return false;
			this.#multicast.set(key, now);
			return true;
		};
		const due = answers.filter(fresh);
		if (due.length === 0) return;
		const more = additionals.filter(fresh);
		this.#send(via, (done) => this.#mdns.respond({ answers: due, additionals: more }, done));
	}

	/** One address of each network segment that there is now, loopback aside. */
	#networks(): LocalAddress[] {
		const all = localAddresses(this.#only).filter(({ internal }) => !internal);
		return all.filter((one, index) => onLink(one.address, all.slice(0, index)).length === 0);
	}

	#addressesAt({ address }: LocalAddress): string[] {
		return onLink(address, localAddresses(this.#only)).map((one) => one.address);
	}

	/** One at a time: which interface a packet leaves by is a property of the socket, and sending is not done at once. */
	#send(via: LocalAddress, work: (done: () => void) => void): void {
		this.#sending = this.#sending.then(
			() =>
				new Promise<void>((resolve) => {
					try {
						this.#socket.setMulticastInterface(via.address);
					} catch {
						// It has gone in the meantime.
						return resolve();
					}
					work(() => resolve());
				}),
		);
	}
}

function sameService(other: SrvData, { port, target }: Service): boolean {
	return other.port === port && sameName(other.target, target);
}
