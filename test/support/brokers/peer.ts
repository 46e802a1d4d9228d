import MQTTClient from "../../../modules/mqtt/client";
import type {
	ControlMessage,
	MessageInfo,
	MQTTClientOptions,
	SkippedMessage,
	WriteOptions,
} from "../../../modules/mqtt/options";
import type { SubscribeItem } from "../../../modules/mqtt/packet/encoder";
import { MQTTError } from "../../../modules/mqtt/packet/error";
import type { Properties } from "../../../modules/mqtt/packet/properties";
import type { NodeTCP } from "../node-tcp";
import { watched } from "./watched";

/** A message as it arrived. */
export interface Received {
	readonly topic: string;
	readonly payload: Buffer;
	readonly QoS: number;
	readonly retain: boolean;
	readonly duplicate: boolean;
	/** MQTT 5. */
	readonly properties?: Properties | undefined;
}

/** Something to write: a control packet, or a message and how much of it was written. */
interface Job {
	readonly options: WriteOptions;
	readonly data: Uint8Array;
	written: number;
	begun: boolean;
	readonly done: () => void;
}

/** These end the exchange that a packet with the same identifier began. */
const ends = [MQTTClient.PUBACK, MQTTClient.PUBCOMP, MQTTClient.SUBACK, MQTTClient.UNSUBACK];

/** One connection by `modules/mqtt/client`, with promises for what is asked of it, and all that it saw. */
export class Peer {
	readonly client: MQTTClient;
	readonly messages: Received[] = [];
	readonly control: ControlMessage[] = [];
	/** What `onSkipped` got. */
	readonly skipped: SkippedMessage[] = [];
	/** What `onError` got. */
	error: MQTTError | undefined;
	/** `onClose` was called. */
	ended = false;
	#socket: NodeTCP | undefined;
	#room = 0;
	#lastId = 0;
	#message: Omit<Received, "payload"> | undefined;
	#parts: Buffer[] = [];
	#paused = false;
	#later: (() => void) | undefined;
	readonly #jobs: Job[] = [];
	readonly #answers = new Map<number, (answer: ControlMessage) => void>();
	readonly #failures = new Set<(error: Error) => void>();

	private constructor(options: MQTTClientOptions) {
		this.client = new MQTTClient({
			...options,
			socket: watched(options.socket, (socket) => {
				this.#socket = socket;
			}),
			onReadable: (count, info) => {
				if (this.#paused) this.#later = () => this.#read(count, info);
				else this.#read(count, info);
			},
			onSkipped: (message) => void this.skipped.push(message),
			onWritable: (count) => {
				this.#room = count;
				this.#write();
			},
			onControl: (message) => this.#control(message),
			onError: (error) => {
				this.error = error;
			},
			onClose: () => {
				this.ended = true;
				for (const fail of this.#failures) fail(this.#reason);
			},
		});
	}

	/** Resolves once the broker accepted; rejects with what `onError` got. */
	static async connect(options: MQTTClientOptions): Promise<Peer> {
		const peer = new Peer(options);
		await peer.#answer(0);
		return peer;
	}

	/** CONNACK. */
	get welcome(): ControlMessage {
		return this.control[0]!;
	}

	get bytesWritten(): number {
		return this.#socket!.bytesWritten;
	}

	/** Payloads as text, in the order of their arrival. */
	get texts(): string[] {
		return this.messages.map(({ payload }) => payload.toString());
	}

	/** Resolves to the codes of SUBACK. */
	async subscribe(...items: readonly (SubscribeItem | string)[]): Promise<number[]> {
		const list = items.map((item) => (typeof item === "string" ? { topic: item, QoS: 1 } : item));
		return (await this.ask(MQTTClient.SUBSCRIBE, list)).payload!;
	}

	async unsubscribe(...topics: readonly string[]): Promise<void> {
		const items = topics.map((topic) => ({ topic }));
		await this.ask(MQTTClient.UNSUBSCRIBE, items);
	}

	ask(operation: number, items: readonly SubscribeItem[], properties?: Properties): Promise<ControlMessage> {
		const id = this.#nextId();
		const answer = this.#answer(id);
		this.#add({ operation, items, id, properties }, "");
		return answer;
	}

	/** Resolves when it was handed to the network (QoS 0), or to the packet that ended its exchange. */
	async publish(
		topic: string,
		payload: string | Uint8Array = "",
		options: Omit<WriteOptions, "topic"> = {},
	): Promise<ControlMessage | undefined> {
		if (!options.QoS) {
			await this.#settled<void>((resolve) => void this.#add({ ...options, topic }, payload, resolve));
			return undefined;
		}
		const id = this.#nextId();
		const answer = this.#answer(id);
		this.#add({ ...options, topic, id }, payload);
		return answer;
	}

	/** DISCONNECT; resolves once the broker closed the connection. */
	disconnect(reasonCode?: number, properties?: Properties): Promise<void> {
		return new Promise((resolve) => {
			if (this.ended) resolve();
			else {
				this.#failures.add(() => resolve());
				this.#add({ operation: MQTTClient.DISCONNECT, reasonCode, properties }, "");
			}
		});
	}

	/** The power is cut: nothing more is said. */
	cut(): void {
		this.#socket!.cut();
		this.client.close();
	}

	/** Reads no more, until `resume`. */
	pause(): void {
		this.#paused = true;
	}

	resume(): void {
		this.#paused = false;
		this.#later?.();
		this.#later = undefined;
	}

	/** Nothing leaves any more: half open. */
	mute(): void {
		this.#socket!.mute();
	}

	close(): void {
		this.client.close();
	}

	get #reason(): Error {
		return this.error ?? new Error("the connection is over");
	}

	#nextId(): number {
		this.#lastId = (this.#lastId % 65_535) + 1;
		return this.#lastId;
	}

	#answer(id: number): Promise<ControlMessage> {
		const answer = this.#settled<ControlMessage>((resolve) => void this.#answers.set(id, resolve));
		// What could not even be written is told otherwise, and its answer is nobody's.
		answer.catch(() => {});
		return answer;
	}

	/** A promise that is rejected when the connection ends. */
	#settled<Value>(start: (resolve: (value: Value) => void) => void): Promise<Value> {
		return new Promise((resolve, reject) => {
			if (this.ended) {
				reject(this.#reason);
				return;
			}
			this.#failures.add(reject);
			start((value) => {
				this.#failures.delete(reject);
				resolve(value);
			});
		});
	}

	#read(count: number, info: MessageInfo): void {
		const { topic, QoS = 0, retain = false, duplicate = false, more, properties } = info;
		if (topic !== undefined) this.#message = { topic, QoS, retain, duplicate, properties };
		if (count > 0) this.#parts.push(Buffer.from(this.client.read(count)!));
		if (more) return;
		this.messages.push({ ...this.#message!, payload: Buffer.concat(this.#parts) });
		this.#parts = [];
	}

	#control(message: ControlMessage): void {
		this.control.push(message);
		const { operation, id = 0, reasonCode } = message;
		const isEnd = ends.includes(operation as never) || (operation === MQTTClient.PUBREC && (reasonCode ?? 0) >= 0x80);
		if (operation !== MQTTClient.CONNACK && !isEnd) return;
		this.#answers.get(id)?.(message);
		this.#answers.delete(id);
	}

	#add(options: WriteOptions, payload: string | Uint8Array, done = () => {}): void {
		const data = typeof payload === "string" ? Buffer.from(payload) : payload;
		this.#jobs.push({ options, data, written: 0, begun: false, done });
		this.#write();
	}

	/** Writes what the client takes. */
	#write(): void {
		const client = this.client;
		for (;;) {
			const job = this.#jobs[0];
			if (!job || !client.connected || (!job.begun && client.busy)) return;
			if (!this.#writePart(client, job)) return;
			if (job.written < job.data.length) continue;
			this.#jobs.shift();
			job.done();
		}
	}

	/** False when there is no room for more. */
	#writePart(client: MQTTClient, job: Job): boolean {
		const { options, data } = job;
		const first = !job.begun;
		if (options.operation !== undefined) {
			this.#room = client.write(undefined, options);
			return true;
		}
		const head = first ? Buffer.byteLength(options.topic!) + 16 : 0;
		const size = Math.min(data.length - job.written, this.#room - head);
		if (size < 0 || (size === 0 && data.length > 0)) return false;
		const part = data.subarray(job.written, job.written + size);
		try {
			const whole = size === data.length ? options : { ...options, byteLength: data.length };
			this.#room = client.write(part, first ? whole : undefined);
		} catch (error) {
			// An acknowledgement took the room.
			if (error instanceof MQTTError && error.code === "overflow") return false;
			this.#jobs.shift();
			throw error;
		}
		job.begun = true;
		job.written += size;
		return true;
	}
}
