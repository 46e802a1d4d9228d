/**
 * The calls of Moddable's example `mqttclient`, in their order and with their forms of arguments, for any class of that
 * shape; and what it calls back. Runs on every host that has one.
 */
import Timer from "timer";

/** What both classes have in common: the form in which Moddable's example uses its own. */
export interface ExampleClient {
	write(data: ByteBuffer | null, options?: object): number;
	read(count: number): ArrayBuffer;
	close(): void;
}

export interface ExampleClass {
	new (options: object): ExampleClient;
	readonly [name: string]: unknown;
}

/** `device.network.mqtt`, as Moddable has it. */
export interface ExampleProvider {
	io: ExampleClass;
	[option: string]: unknown;
}

/** All that a client called back, and returned. */
export interface CallTrace {
	/** `SUBACK 2 [2,0]`: name, identifier, granted QoS. */
	control: string[];
	/** `topic QoS byteLength: bytes of each kind`, a message. */
	messages: string[];
	/** Further members of CONNACK; of the first fragment of a message, and of others. */
	connack: string[];
	first: string[];
	further: string[];
	/** Fragments of the large message, and bytes of the longest. */
	fragments: number;
	longest: number;
	/** All returned numbers of `write` were numbers, and all of `onWritable` above 0. */
	numbers: boolean;
	/** How often `onError` or a callback after `close` came. */
	errors: number;
	late: number;
}

const LARGE = 16 * 1024;
const names: readonly string[] = Object.freeze(
	"CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK PINGREQ PINGRESP DISCONNECT".split(
		" ",
	),
);

interface Control {
	operation: number;
	id?: number;
	payload?: number[];
}

interface Info {
	topic?: string;
	QoS?: number;
	byteLength?: number;
	more: boolean;
}

/** An instance, with what the example keeps in it. */
interface Instance extends ExampleClient {
	remain: number;
	counter: number;
}

/** Letters and how many of each follow each other, such as `S1 M1 A1 L2`: a large text must not be kept. */
class Runs {
	#done = "";
	#letter = "";
	#count = 0;

	add(text: string): void {
		for (const letter of text) {
			if (letter !== this.#letter) this.#next(letter);
			this.#count++;
		}
	}

	take(): string {
		this.#next("");
		const done = this.#done.trim();
		this.#done = "";
		return done;
	}

	#next(letter: string): void {
		if (this.#count > 0) this.#done += `${this.#letter}${this.#count} `;
		this.#letter = letter;
		this.#count = 0;
	}
}

/** Makes the calls below `topic`; tells what was called back once all answers came and the client was closed. */
export function makeCalls(
	mqtt: ExampleProvider,
	server: { host: string; port: number },
	topic: string,
	done: (trace: CallTrace) => void,
): void {
	const Client = mqtt.io;
	const found: CallTrace = {
		control: [],
		messages: [],
		connack: [],
		first: [],
		further: [],
		fragments: 0,
		longest: 0,
		numbers: true,
		errors: 0,
		late: 0,
	};
	const runs = new Runs();
	let info: Info = { more: false };
	let closed = false;
	const wrote = (count: unknown) => {
		if (typeof count !== "number") found.numbers = false;
	};
	const buffer = (text: string) => ArrayBuffer.fromString(text);
	const called = () => {
		if (closed) found.late++;
	};
	const connected = (client: Instance) => {
		wrote(
			client.write(null, {
				operation: Client["SUBSCRIBE"],
				items: [{ topic: `${topic}/+`, QoS: 2 }, { topic: `${topic}/deep/one` }],
			}),
		);
		wrote(
			client.write(null, {
				operation: Client["UNSUBSCRIBE"],
				items: [{ topic: `${topic}/never/asked` }, { topic: `${topic}/deep/one` }],
			}),
		);
		wrote(client.write(buffer("SM"), { topic: `${topic}/small`, byteLength: 5, QoS: 2 }));
		wrote(client.write(buffer("ALL")));
		wrote(client.write(null, { operation: Client["PINGREQ"] }));
		client.remain = LARGE;
		client.counter = 0;
		wrote(client.write(buffer("XXL"), { topic: `${topic}/large`, byteLength: 3 + client.remain, QoS: 1, id: 1234 }));
	};
	new Client({
		...mqtt,
		...server,
		id: "the calls of an example",
		keepalive: 60_000,
		will: { topic: `${topic}/will`, message: buffer("gone"), QoS: 0, retain: 0 },
		onControl(this: Instance, message: Control) {
			called();
			const { operation, id, payload } = message;
			const name = names[operation - 1]!;
			if (Client[name] !== operation) throw new Error(`${name} is not ${operation}`);
			const granted = payload === undefined ? "" : ` [${payload}]`;
			found.control.push(`${name}${id === undefined ? "" : ` ${id}`}${granted}`);
			if (operation === Client["CONNACK"]) {
				found.connack = Object.keys(message).sort();
				connected(this);
			}
			// As many as there are answers; messages may come between them.
			if (found.control.length < 9 || found.messages.length < 2) return;
			this.write(null, { operation: Client["DISCONNECT"] });
			this.close();
			closed = true;
			Timer.set(() => done(found), 100);
		},
		onReadable(this: Instance, count: number, fragment: Info) {
			called();
			if (fragment.topic !== undefined) {
				info = fragment;
				found.first = Object.keys(fragment).sort();
			} else found.further = Object.keys(fragment).sort();
			if (info.byteLength! > LARGE) {
				found.fragments++;
				if (count > found.longest) found.longest = count;
			}
			runs.add(String.fromArrayBuffer(this.read(count)));
			if (fragment.more) return;
			found.messages.push(`${info.topic!.slice(topic.length)} ${info.QoS} ${info.byteLength}: ${runs.take()}`);
			// So that the last word is an answer.
			if (found.messages.length === 2) this.write(null, { operation: Client["PINGREQ"] });
		},
		onWritable(this: Instance, count: number) {
			called();
			if (!(count > 0)) found.numbers = false;
			if (!this.remain) return;
			const length = count < this.remain ? count : this.remain;
			this.remain -= length;
			this.counter++;
			wrote(this.write(buffer("x".repeat(length))));
		},
		onError() {
			called();
			found.errors++;
			done(found);
		},
	});
}
