import type { Answer, Question, SrvAnswer, StringAnswer, TxtAnswer } from "dns-packet";

/** A service on the local network (RFC 6763). */
export interface Service {
	/** Its name for people: one label, 1..63 bytes of UTF-8. The library that writes the packets takes no dot in it. */
	readonly instance: string;
	/** The name of the computer that has it, in `.local`. */
	readonly target: string;
	readonly port: number;
}

/** A record of ours: what it says is text or an object of plain values. */
export type OwnRecord = (StringAnswer | SrvAnswer | TxtAnswer) & { ttl: number; flush: boolean };

/** MQTT over TLS, as registered with IANA. */
export const SERVICE_TYPE = "_secure-mqtt._tcp.local";
/** Who asks for its PTR records asks for all types of services (RFC 6763 §9). */
export const SERVICE_TYPES = "_services._dns-sd._udp.local";

/** Seconds (RFC 6762 §10): of records that have the computer's name in them, and of others. */
const HOST_TTL = 120;
const OTHER_TTL = 4500;
/** Seconds that a resolver which knows nothing of multicast may keep a record (RFC 6762 §6.7). */
const LEGACY_TTL = 10;
/** The class, when whoever asks wants the answer for himself (RFC 6762 §5.4): the library calls IN and ANY with that bit so. */
const UNICAST_CLASSES: readonly (string | undefined)[] = ["UNKNOWN_32769", "UNKNOWN_33023"];
const CLASSES: readonly (string | undefined)[] = [undefined, "IN", "ANY", ...UNICAST_CLASSES];

export interface Reply {
	/** Those of the questions that have an answer. */
	readonly questions: Question[];
	readonly answers: OwnRecord[];
	readonly additionals: OwnRecord[];
}

/** The records of a service on a computer with these addresses. */
export class ServiceRecords {
	readonly type: OwnRecord;
	readonly pointer: OwnRecord;
	readonly service: OwnRecord;
	readonly text: OwnRecord;
	readonly addresses: readonly OwnRecord[];

	constructor({ instance, target, port }: Service, addresses: readonly string[]) {
		const name = `${instance}.${SERVICE_TYPE}`;
		const data = { priority: 0, weight: 0, port, target };
		// Others may have the same types of services: only what is ours alone replaces what others have in their caches.
		this.type = { type: "PTR", name: SERVICE_TYPES, ttl: OTHER_TTL, flush: false, data: SERVICE_TYPE };
		this.pointer = { type: "PTR", name: SERVICE_TYPE, ttl: OTHER_TTL, flush: false, data: name };
		this.service = { type: "SRV", name, ttl: HOST_TTL, flush: true, data };
		// There is nothing to say, and a TXT record has to have one string (RFC 6763 §6.1).
		this.text = { type: "TXT", name, ttl: OTHER_TTL, flush: true, data: [""] };
		this.addresses = addresses.map((address) => ({
			type: "A",
			name: target,
			ttl: HOST_TTL,
			flush: true,
			data: address,
		}));
	}

	/** All of them. */
	get all(): OwnRecord[] {
		return [this.type, this.pointer, this.service, this.text, ...this.addresses];
	}

	/** Without those of `known`, which whoever asks has already (RFC 6762 §7.1). */
	answer(questions: readonly Question[], known: readonly Answer[] = []): Reply {
		const asked = questions.filter((question) => this.all.some((record) => matches(question, record)));
		const answers = this.all
			.filter((record) => asked.some((question) => matches(question, record)))
			.filter((record) => !known.some((other) => knows(other, record)));
		const more = answers.flatMap((record) => this.#beside(record));
		const additionals = [...new Set(more)].filter((record) => !answers.includes(record));
		return { questions: asked, answers, additionals };
	}

	/** What is asked for next (RFC 6763 §12). */
	#beside(record: OwnRecord): readonly OwnRecord[] {
		if (record === this.pointer) return [this.service, this.text, ...this.addresses];
		return record === this.service ? this.addresses : [];
	}
}

/** The reply to a resolver that knows nothing of multicast: as a name server's (RFC 6762 §6.7). */
export function legacy({ questions, answers, additionals }: Reply, id: number) {
	const plain = (record: OwnRecord): OwnRecord => ({ ...record, ttl: Math.min(record.ttl, LEGACY_TTL), flush: false });
	return {
		id,
		questions: questions.map(({ name, type }) => ({ name, type })),
		answers: answers.map(plain),
		additionals: additionals.map(plain),
	};
}

/** Whoever asks wants the answer for himself. */
export function wantsUnicast(question: Question): boolean {
	return UNICAST_CLASSES.includes(question.class);
}

/** Names are equal whatever the case of their letters. */
export function sameName(a: string, b: string): boolean {
	return a.toLowerCase() === b.toLowerCase();
}

function matches({ name, type, class: classOf }: Question, record: OwnRecord): boolean {
	const ours: string = record.type;
	return ((type as string) === "ANY" || type === ours) && CLASSES.includes(classOf) && sameName(name, record.name);
}

/** Of a record with less than half of its time left he does not know for long. */
function knows(other: Answer, record: OwnRecord): boolean {
	if (other.type !== "PTR" || record.type !== "PTR" || (other.ttl ?? 0) < record.ttl / 2) return false;
	return sameName(other.name, record.name) && sameName(other.data, record.data);
}
