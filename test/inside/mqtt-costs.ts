/** What messages cost, inside XS: a program that does one thing at a time, as the driver (test/support/mqtt-costs.ts) asks. */
import MQTTClient from "embedded:network/mqtt/client";
import { attach } from "../../hosts/shared/embedded/dispatch";
import type { ControlMessage } from "../../modules/mqtt/options";
import { type Message, Session } from "../../modules/mqtt/session";
import { StandardClient } from "../../modules/mqtt/standard-client";
import { DRIVER_HANDLE, Event } from "./operations";
import { QuietResolver } from "./quiet-resolver";
import { QuietSocket, record } from "./quiet-socket";

/** What `Event.prepare` carries. */
export interface Preparation {
	/** `offline`: a session that was not started. */
	what: "client" | "session" | "offline" | "publish";
	topic: string;
	/** Bytes of payload. */
	size: number;
	QoS: 0 | 1 | 2;
	version: 4 | 5;
	/** Filters of a session. */
	filters: string[];
	/** Messages that a session may have in flight. */
	window: number;
}

const network = { socket: { io: QuietSocket as never }, dns: { io: QuietResolver as never } };
/** For sessions: Moddable's client, when it stands for ours, needs what it lacks. */
const adapted =
	"send" in MQTTClient.prototype ? network : { ...network, io: StandardClient, standard: MQTTClient as never };
type Client = InstanceType<typeof MQTTClient>;
let client: Client | undefined;
let session: Session | undefined;
let run = () => {};
let readable = (_count: number) => {};

/** What an application does with a message. */
function onReadable(this: Client, count: number): void {
	this.read(count);
}

function onControl(_message: ControlMessage): void {}

/** The option of MQTT 5; none for Moddable's client. */
function modern(version: 4 | 5): object {
	return version === 5 ? { version } : {};
}

function handler(_message: Message): void {}

const prepare = {
	client({ version }: Preparation) {
		client = new MQTTClient({ ...network, host: "10.0.0.1", id: "node", ...modern(version), onReadable, onControl });
		opened();
	},
	session(preparation: Preparation) {
		prepare.offline(preparation);
		session!.start();
		opened();
	},
	offline({ filters, window, version }: Preparation) {
		session = new Session({ client: adapted as never, host: "10.0.0.1", id: "node", window, ...modern(version) });
		for (const filter of filters) session.on(filter, 1, handler);
	},
	publish({ topic, size, QoS }: Preparation) {
		const payload = new Uint8Array(size).fill(120);
		if (session) run = () => session!.publish(topic, payload, { QoS });
		else run = () => client!.write(payload, { topic, QoS });
	},
};

/** The socket connects. */
function opened(): void {
	const socket = QuietSocket.last;
	readable = (count) => socket.options.onReadable(count);
	record(true);
	socket.options.onWritable(65_536);
}

function grow(): void {
	let list: object | undefined;
	for (let count = 0; count < 20_000; count++) list = { list };
	new Uint8Array(400_000).fill(1);
}

const events: Record<number, (value: never) => void> = {
	[Event.nothing]: (_value: number) => {},
	[Event.arrive]: (count: number) => readable(count),
	[Event.run]: (_value: number) => run(),
	[Event.record]: record,
	[Event.grow]: grow,
	[Event.prepare]: (json: string) => {
		const preparation = JSON.parse(json) as Preparation;
		prepare[preparation.what](preparation);
	},
};

attach(DRIVER_HANDLE, { onEvent: (event, value) => events[event]!(value as never) });
