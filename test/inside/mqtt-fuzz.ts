/**
 * What is attacked by test/fuzz: a client, or a session, with an application that does all that applications do, by
 * chance; and that behaves when it is told to, so that it can be seen whether the layer below still lives.
 */
import MQTTClient from "embedded:network/mqtt/client";
import { call } from "vagalume:host";
import { attach } from "../../hosts/shared/embedded/dispatch";
import type { ControlMessage, MessageInfo } from "../../modules/mqtt/options";
import { type Message, Session } from "../../modules/mqtt/session";
import { timersSet } from "./counted-timer";
import { storage } from "./fuzz-storage";
import { DRIVER_HANDLE, Event, Operation } from "./operations";
import { QuietResolver } from "./quiet-resolver";
import { StrictSocket } from "./strict-socket";

/** What `Event.prepare` carries. */
export interface FuzzTarget {
	layer: "client" | "session";
	version: 4 | 5;
	/** A session keeps messages in flash. */
	persistent: boolean;
}

type Client = InstanceType<typeof MQTTClient>;

/** What is well-behaved passes through these topics. */
const probeTopic = "fuzz/probe";
const answerTopic = "fuzz/answer";

const network = { socket: { io: StrictSocket as never }, dns: { io: QuietResolver as never } };
/** MQTT 5, §3.15. */
const AUTH = 15;

const texts = Object.freeze(["", "x", "a longer text than the one before it", "y".repeat(300), "z".repeat(1500)]);
let client: Client | undefined;
let session: Session | undefined;
let version: 4 | 5 = 4;
let persistent = false;
let behaves = false;
/** Filters that the session was given while it ran. */
let filters = 0;
/** Bytes that a message lacks which was begun, and the client that it was begun with. */
const owing = 3;
let owed: Client | undefined;

function chance(one: number): boolean {
	return Math.random() * one < 1;
}

function tell(what: string): void {
	call(Operation.tell, what);
}

/** Something that may be refused, by an error that says why: anything else is a fault. */
function attempt(action: () => void): void {
	try {
		action();
	} catch (error) {
		if ((error as { name?: string }).name !== "MQTTError") throw error;
	}
}

/** The text of a probe; of any other payload something that is none. */
function textOf(bytes: Uint8Array): string {
	return String.fromCharCode(...bytes.subarray(0, 12));
}

/** The rest of a message that was begun. */
function payUp(one: Client): void {
	if (owed !== one) return;
	attempt(() => {
		one.write(new Uint8Array(owing));
		owed = undefined;
	});
}

function anyText(): string {
	return texts[Math.floor(Math.random() * texts.length)]!;
}

function anyQoS(): 0 | 1 | 2 {
	return Math.floor(Math.random() * 3) as 0;
}

/** What applications do with a client, at any moment. */
function useClient(one: Client): void {
	const topic = `fuzz/${Math.floor(Math.random() * 3)}`;
	const payload = ArrayBuffer.fromString(anyText());
	switch (Math.floor(Math.random() * 8)) {
		case 0:
			one.read();
			break;
		case 1:
			attempt(() => {
				one.write(payload, { topic, byteLength: payload.byteLength + owing, QoS: anyQoS() });
				owed = one;
			});
			payUp(one);
			break;
		case 2:
			attempt(() => one.write(null, { operation: MQTTClient.SUBSCRIBE, items: [{ topic: "fuzz/+", QoS: 2 }] }));
			break;
		case 3:
			attempt(() => one.write(null, { operation: MQTTClient.UNSUBSCRIBE, items: [{ topic: "fuzz/+" }] }));
			break;
		case 4:
			if (chance(10)) attempt(() => one.write(null, { operation: MQTTClient.DISCONNECT }));
			else if (version === 5) attempt(() => one.write(null, { operation: AUTH, reasonCode: 0x19 } as object));
			break;
		default:
			attempt(() => one.write(payload, { topic, QoS: anyQoS(), retain: chance(2), ...anyProperties() }));
	}
}

function onReadable(this: Client, count: number, { topic }: MessageInfo): void {
	if (behaves) {
		const bytes = this.read(count)!;
		if (topic === probeTopic) tell(`received ${textOf(new Uint8Array(bytes))}`);
		return;
	}
	const way = Math.floor(Math.random() * 30);
	if (way === 0) this.read();
	else if (way < 5) this.read(1 + (count >> 1));
	else if (way < 8) this.read(new Uint8Array(count + 3));
	// 8: later.
	else if (way > 8) this.read(count);
	if (chance(20)) useClient(this);
	if (chance(300)) endClient(this);
}

function onControl(this: Client, message: ControlMessage): void {
	const { operation, id } = message;
	if (operation === MQTTClient.CONNACK)
		attempt(() => this.write(null, { operation: MQTTClient.SUBSCRIBE, items: [{ topic: "fuzz/#", QoS: 2 }] }));
	if (behaves && operation === MQTTClient.PUBACK) tell(`acknowledged ${id}`);
	if (behaves) return;
	if (chance(20)) useClient(this);
	if (chance(300)) endClient(this);
}

/** By the application's own will; the driver sees that the socket closes. */
function endClient(one: Client): void {
	one.close();
	if (chance(2)) one.close();
}

/** MQTT 5 with all that the server may use: as many aliases as the corpus has. */
function modernOptions(): object {
	return version === 5 ? { version, topicAliases: 2, properties: { topicAliasMaximum: 3 } } : {};
}

/** Options of a message with properties, or none. */
function anyProperties(): object | undefined {
	if (version !== 5 || chance(2)) return undefined;
	const userProperties = [["a", anyText().slice(0, 300)]];
	return { properties: { messageExpiryInterval: 60, responseTopic: answerTopic, userProperties } };
}

function openClient(): void {
	client?.close();
	owed = undefined;
	client = new MQTTClient({
		...network,
		...modernOptions(),
		host: chance(2) ? "10.0.0.1" : "broker.example",
		id: "fuzz",
		clean: false,
		keepAlive: 60_000,
		receiveBuffer: 256,
		onReadable,
		onControl,
		onWritable() {
			payUp(this);
			if (!behaves && chance(10)) useClient(this);
		},
		onError() {
			if (chance(10)) this.close();
		},
		onSkipped() {},
	});
}

function handler({ topic, payload }: Message): void {
	if (behaves && topic === probeTopic) tell(`received ${textOf(payload)}`);
	if (behaves) return;
	if (chance(10)) useSession();
	if (chance(50)) throw new Error("a handler that fails");
}

function useSession(): void {
	const policies = ["refuse", "drop-oldest", "drop-newest", "latest-per-topic", undefined] as const;
	const policy = policies[Math.floor(Math.random() * policies.length)];
	const topic = `fuzz/${Math.floor(Math.random() * 3)}`;
	if (chance(30) && filters < 4) attempt(() => session!.on(`more/${filters++}/+`, 1, handler));
	else
		attempt(() => {
			session!.publish(topic, anyText(), {
				QoS: anyQoS(),
				retain: chance(2),
				policy,
				durable: persistent && chance(2),
				...anyProperties(),
				onFate: () => {
					if (!behaves && chance(20)) useSession();
				},
			});
		});
}

function openSession(): void {
	session = new Session({
		...modernOptions(),
		client: network as never,
		host: "10.0.0.1",
		id: "fuzz",
		window: 8,
		queue: { messages: 16, bytes: 6000 },
		maximumPayload: 2000,
		...(persistent ? { persistence: { storage: storage as never, writes: { burst: 100, perHour: 5000 } } } : {}),
		onConnect: () => {
			if (!behaves && chance(3)) useSession();
		},
	});
	session.on("fuzz/#", 2, handler);
	session.on("casa/+/set", 0, handler);
	session.start();
}

function publish(nonce: string): void {
	if (session) session.publish(answerTopic, nonce, { QoS: 1, onFate: (fate) => tell(`${fate} ${nonce}`) });
	else client!.write(ArrayBuffer.fromString(nonce), { topic: answerTopic, QoS: 1 });
}

function stop(): void {
	if (session) session.stop(() => tell("stopped"));
	else {
		client!.close();
		tell("stopped");
	}
}

const events: Record<number, (value: never) => void> = {
	[Event.arrive]: (count: number) => StrictSocket.last?.arrive(count),
	[Event.writable]: (room: number) => StrictSocket.last?.drain(room),
	[Event.fail]: () => StrictSocket.last?.fail(),
	[Event.prepare]: (json: string) => {
		const target = JSON.parse(json) as FuzzTarget;
		version = target.version;
		persistent = target.persistent;
		if (target.layer === "client") openClient();
		else openSession();
	},
	[Event.behave]: (on: boolean) => {
		behaves = on;
		// What it had left unread.
		if (on && client && StrictSocket.last) client.read();
	},
	[Event.publish]: publish,
	[Event.act]: () => {
		if (session) useSession();
		else if (StrictSocket.last) useClient(client!);
	},
	[Event.run]: () => tell(`timers ${timersSet()}`),
	[Event.stop]: stop,
};

attach(DRIVER_HANDLE, { onEvent: (event, value) => events[event]!(value as never) });
