/** The session or client under test, as a script sees it: what it can be told, and what it reported. */
import { clock } from "../clock";
import { FakeResolver, FakeTCP } from "../fake-tcp";
import { type Behaviour, Driver, pack, unpack } from "./driver";

// biome-ignore lint/suspicious/noExplicitAny: events and options are plain data of many shapes
type Any = any;

/** An error that the driver reported. */
export class SubjectError extends Error {
	declare code: string;
	declare clause: string | undefined;

	constructor(members: { message: string }) {
		super(members.message);
		Object.assign(this, members);
	}
}

/** Where the driver runs. */
export interface Place {
	/** Does a command of the driver. */
	run(command: string): string;
	/** Timers that the firmware has set. */
	timers(): number;
	close(): void;
}

export type MakePlace = (emit: (event: string) => void) => Place;

/** In this process, on in-memory sockets. */
export const inNode: MakePlace = (emit) => {
	const driver = new Driver({ socket: FakeTCP, dns: FakeResolver, emit });
	return { run: (command) => driver.run(command), timers: () => clock.pending, close() {} };
};

class Subject {
	/** Everything that was reported, in order. */
	readonly events: { event: string; value: Any }[] = [];
	readonly #place: Place;

	constructor(make: MakePlace) {
		this.#place = make((event) => void this.events.push(unpack(event)));
	}

	/** What was reported of one kind. */
	of(event: string): Any[] {
		return this.events.filter((one) => one.event === event).map(({ value }) => value);
	}

	/** @throws SubjectError what the firmware threw */
	protected command(what: string, ...args: unknown[]): Any {
		const { value, error } = unpack(this.#place.run(pack({ what, args })));
		if (error) throw new SubjectError(error);
		return value;
	}

	/** Timers that are set. */
	get timers(): number {
		return this.#place.timers();
	}

	release(): void {
		this.#place.close();
	}
}

/** Options of `modules/mqtt/session`, and what the driver adds. */
export interface SubjectSessionOptions {
	/** For the spread of reconnects: one number, or several in turn; 0 when omitted. */
	random?: number | number[];
	/** Published in `onConnect`. */
	onConnectPublish?: { topic: string; payload: string; options?: object }[];
	[option: string]: unknown;
}

export class SessionSubject extends Subject {
	constructor(make: MakePlace, options: SubjectSessionOptions) {
		super(make);
		this.command("session", options);
	}

	start(): this {
		this.command("start");
		return this;
	}

	stop(): void {
		this.command("stop");
	}

	/** Publishes the same message several times. Nothing is noted. */
	publishes(count: number, topic: string, payload: string, options: object = {}): this {
		this.command("repeat", count, "publish", [topic, payload, { ...options, quiet: true }]);
		return this;
	}

	/** @param options those of the session's `publish`, and `label`: what its fate is noted under, the payload when omitted */
	publish(topic: string, payload: string | Uint8Array = "", options: object = {}): this {
		this.command("publish", topic, payload, options);
		return this;
	}

	on(filter: string, QoS = 1, behaviour: Behaviour = {}, options?: object): this {
		this.command("on", filter, QoS, behaviour, options);
		return this;
	}

	off(filter: string): void {
		this.command("off", filter);
	}

	get connected(): boolean {
		return this.command("state").connected;
	}

	get queued(): { messages: number; bytes: number } {
		return this.command("state").queued;
	}

	/** `label: fate`, in order. */
	get fates(): string[] {
		return this.of("fate").map(({ label, fate }) => `${label}: ${fate}`);
	}

	/** Messages that handlers got: `topic=payload`, in order. */
	get messages(): string[] {
		return this.of("message").map(({ topic, payload }) => `${topic}=${Buffer.from(payload)}`);
	}

	/** For each connection that was accepted: did the broker keep the session? */
	get connects(): boolean[] {
		return this.of("connect");
	}

	get log(): string[] {
		return this.of("log");
	}

	/** The log has a line like that. */
	logged(pattern: RegExp): boolean {
		return this.log.some((line) => pattern.test(line));
	}
}

export class ClientSubject extends Subject {
	constructor(make: MakePlace, options: Record<string, unknown>) {
		super(make);
		this.command("client", options);
	}

	write(data: Uint8Array | string | null, options?: object): number {
		return this.command("write", typeof data === "string" ? new TextEncoder().encode(data) : data, options);
	}

	/** The same packet several times. */
	writes(count: number, data: null, options: object): void {
		this.command("repeat", count, "write", [data, options]);
	}

	read(count: number): number {
		return this.command("read", count);
	}

	close(): void {
		this.command("close");
	}

	get(property: string): Any {
		return this.command("get", property);
	}

	get control(): Any[] {
		return this.of("control");
	}

	get errors(): Any[] {
		return this.of("error");
	}

	get messages(): string[] {
		return this.of("message").map(({ topic, payload }) => `${topic}=${Buffer.from(payload)}`);
	}
}
