/** A link in memory: stands for the UDP class in the options of DNS-SD, and for whoever answers there. */
import Timer from "timer";

export const A = 1;
export const PTR = 12;
export const TXT = 16;
export const SRV = 33;

/** A question that came. */
export interface Question {
	readonly id: number;
	readonly name: readonly string[];
	readonly type: number;
	/** QCLASS, with the bit that asks for an answer to the asker alone. */
	readonly class: number;
	readonly address: string;
	readonly port: number;
}

/** A record to be sent. `data`: its bytes, or a name; `ttl`: seconds. */
export interface Entry {
	readonly name: readonly string[];
	readonly type: number;
	readonly data: readonly number[] | readonly string[];
	readonly ttl?: number;
	/** 1 (IN) when omitted. */
	readonly class?: number;
}

interface SocketOptions {
	readonly link: Link;
	readonly onReadable: (count: number) => void;
}

/** What is asked on a link, and what is said there. */
export class Link {
	readonly questions: Question[] = [];
	/** Sockets that are open. */
	open = 0;
	/** Answers a question: the packets that follow. */
	answer: (question: Question) => Uint8Array[] = () => [];
	/** Sending fails, as it does on a board without Wi-Fi. */
	down = false;
	/** The UDP port that it is answered from. */
	port = 5353;
	readonly #packets: (ArrayBuffer & { port: number })[] = [];
	#onReadable: ((count: number) => void) | undefined;

	/** Constructor options of the socket. */
	get socket(): { io: never; link: Link } {
		return { io: LinkSocket as never, link: this };
	}

	opened(onReadable: (count: number) => void): void {
		this.open++;
		this.#onReadable = onReadable;
	}

	closed(): void {
		this.open--;
		this.#onReadable = undefined;
	}

	/** A packet arrives at the asker. */
	say(...packets: Uint8Array[]): void {
		const { port } = this;
		Timer.set(() => {
			for (const packet of packets)
				this.#packets.push(Object.assign(packet.slice().buffer as ArrayBuffer, { address: "192.0.2.7", port }));
			this.#onReadable?.(this.#packets.length);
		}, 1);
	}

	next(): ArrayBuffer | undefined {
		return this.#packets.shift();
	}

	asked(question: Question): void {
		this.questions.push(question);
		const packets = this.answer(question);
		if (packets.length > 0) this.say(...packets);
	}
}

class LinkSocket {
	readonly #link: Link;

	constructor({ link, onReadable }: SocketOptions) {
		this.#link = link;
		link.opened(onReadable);
	}
	read(): ArrayBuffer | undefined {
		return this.#link.next();
	}
	write(data: ByteBuffer, address: string, port: number): void {
		if (this.#link.down) throw new Error("no network");
		const bytes = new Uint8Array(ArrayBuffer.isView(data) ? data.buffer : data);
		const labels: string[] = [];
		let at = 12;
		for (; bytes[at]! > 0; at += 1 + bytes[at]!)
			labels.push(String.fromArrayBuffer(bytes.buffer as ArrayBuffer, at + 1, bytes[at]!));
		const view = new DataView(bytes.buffer);
		this.#link.asked({
			id: view.getUint16(0),
			name: labels,
			type: view.getUint16(at + 1),
			class: view.getUint16(at + 3),
			address,
			port,
		});
	}
	close(): void {
		this.#link.closed();
	}
}

/** The bytes of a name. */
export function nameBytes(labels: readonly string[]): number[] {
	const bytes: number[] = [];
	for (const label of labels) {
		const text = new Uint8Array(ArrayBuffer.fromString(label));
		bytes.push(text.length, ...text);
	}
	return [...bytes, 0];
}

export function word(value: number): number[] {
	return [(value >> 8) & 255, value & 255];
}

/** A response: the question again, and the records (all of them as answers). */
export function response({ id, name, type }: Pick<Question, "id" | "name" | "type">, entries: Entry[]): Uint8Array {
	const bytes = [...word(id), 0x84, 0, 0, 1, ...word(entries.length), 0, 0, 0, 0];
	bytes.push(...nameBytes(name), ...word(type), 0, 1);
	for (const entry of entries) {
		const { ttl = 10, data } = entry;
		const content = typeof data[0] === "string" ? nameBytes(data as string[]) : (data as number[]);
		bytes.push(...nameBytes(entry.name), ...word(entry.type), ...word(entry.class ?? 1), 0, 0, ...word(ttl));
		bytes.push(...word(content.length), ...content);
	}
	return Uint8Array.from(bytes);
}

/** RFC 2782: priority, weight, port, host. */
export function server(port: number, host: readonly string[]): number[] {
	return [0, 0, 0, 0, ...word(port), ...nameBytes(host)];
}

/** RFC 6763 §6: pairs. */
export function text(...pairs: string[]): number[] {
	return pairs.length === 0 ? [0] : nameBytes(pairs).slice(0, -1);
}
