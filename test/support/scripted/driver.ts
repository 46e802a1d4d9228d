/**
 * Holds the session or client under test, and does with it what the script says. It is portable: the same file runs in Node
 * and inside XS. Commands, results and events are JSON, so that both ways are the same.
 */
import MQTTClient from "../../../modules/mqtt/client";
import { Session } from "../../../modules/mqtt/session";

/** What the place offers where the driver runs. */
export interface DriverHost {
	/** ECMA-419 TCP class. */
	readonly socket: unknown;
	/** ECMA-419 resolver class. */
	readonly dns: unknown;
	/** Something happened: an object as JSON. */
	emit(event: string): void;
}

/** What a handler does with a message beside reporting it. */
export interface Behaviour {
	throws?: boolean;
	/** Publishes this. */
	reply?: { topic: string; payload: string; options?: object };
	stop?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: options go through as they are
type Any = any;

/** Bytes go as `{ $bytes: [...] }`. */
export function pack(value: unknown): string {
	return JSON.stringify(value, (_key, member) => {
		if (member instanceof ArrayBuffer) return { $bytes: Array.from(new Uint8Array(member)) };
		if (ArrayBuffer.isView(member)) return { $bytes: Array.from(member as Uint8Array) };
		return member === Number.POSITIVE_INFINITY ? 1e308 : member;
	});
}

export function unpack(text: string): Any {
	return JSON.parse(text, (_key, member) => (member?.$bytes ? Uint8Array.from(member.$bytes) : member));
}

/** Members of an error that a test may ask about. */
export function describeError(error: Any): object {
	const { name, message, code, clause, stage, returnCode, reasonCode } = error;
	return { name, message, code, clause, stage, returnCode, reasonCode };
}

export class Driver {
	readonly #host: DriverHost;
	#session: Any;
	#client: Any;
	#handlers: Record<string, Any> = {};

	constructor(host: DriverHost) {
		this.#host = host;
	}

	/** Does a command; returns what it returns, or `{ error }`, as JSON. */
	run(text: string): string {
		try {
			const { what, args } = unpack(text) as { what: string; args: Any[] };
			return pack({ value: (this as Any)[what](...args) });
		} catch (error) {
			return pack({ error: describeError(error) });
		}
	}

	#emit(event: string, value: unknown): void {
		this.#host.emit(pack({ event, value }));
	}

	#network(): Any {
		return { socket: { io: this.#host.socket }, dns: { io: this.#host.dns } };
	}

	session({ random = 0, onConnectPublish, ...options }: Any): void {
		const randoms: number[] = Array.isArray(random) ? random : [random];
		let count = 0;
		this.#session = new Session({
			client: this.#network(),
			host: "broker.example",
			id: "node",
			random: () => randoms[count++ % randoms.length]!,
			log: (level: string, line: string) => this.#emit("log", `${level}: ${line}`),
			onConnect: ({ sessionPresent }: { sessionPresent: boolean }) => {
				this.#emit("connect", sessionPresent);
				for (const { topic, payload, options } of onConnectPublish ?? []) this.publish(topic, payload, options);
			},
			onDisconnect: (reason: string) => this.#emit("disconnect", reason),
			...options,
		} as Any);
	}

	start(): void {
		this.#session.start();
	}

	stop(): void {
		this.#session.stop(() => this.#emit("stopped", true));
	}

	state(): object {
		return { connected: this.#session.connected, queued: this.#session.queued };
	}

	/** A command, several times. */
	repeat(count: number, what: string, args: Any[]): void {
		for (let done = 0; done < count; done++) (this as Any)[what](...args);
	}

	publish(topic: string, payload: Any, options: Any = {}): void {
		const { label = String(payload), quiet, ...rest } = options;
		if (quiet) {
			this.#session.publish(topic, payload, rest);
			return;
		}
		const onFate = (fate: string, error?: Any) => {
			this.#emit("fate", { label, fate, error: error && describeError(error) });
		};
		this.#session.publish(topic, payload, { onFate, ...rest });
	}

	on(filter: string, QoS: number, { throws, reply, stop }: Behaviour = {}, options?: Any): void {
		const handler = (message: Any) => {
			this.#emit("message", { filter, ...message });
			if (reply) this.publish(reply.topic, reply.payload, reply.options);
			if (stop) this.stop();
			if (throws) throw new Error("a handler that fails");
		};
		this.#handlers[filter] = handler;
		this.#session.on(filter, QoS, handler, options);
	}

	off(filter: string): void {
		this.#session.off(filter, this.#handlers[filter]);
	}

	client({ hold, ...options }: Any): void {
		let payload: number[] = [];
		let first: Any;
		const driver = this;
		this.#client = new MQTTClient({
			...this.#network(),
			host: "broker.example",
			id: "node",
			onControl: (message: Any) => this.#emit("control", message),
			onReadable(this: MQTTClient, count: number, info: Any) {
				if (info.topic !== undefined) {
					first = info;
					payload = [];
				}
				driver.#emit("readable", { count, ...info });
				if (hold) return;
				if (count > 0) payload.push(...new Uint8Array(this.read(count)!));
				if (!info.more) driver.#emit("message", { ...first, payload: Uint8Array.from(payload) });
			},
			onSkipped: (message: Any) => this.#emit("skipped", message),
			onError: (error: Any) => this.#emit("error", describeError(error)),
			onClose: () => this.#emit("closed", true),
			...options,
		} as Any);
	}

	write(data: Any, options: Any): number {
		return this.#client.write(data, options);
	}

	read(count: number): number {
		const buffer = this.#client.read(count);
		return buffer ? buffer.byteLength : 0;
	}

	close(): void {
		this.#client.close();
	}

	get(property: string): unknown {
		return this.#client[property];
	}
}
