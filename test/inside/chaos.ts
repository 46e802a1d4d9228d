/** The node of the chaos test: a session that publishes numbered messages or takes them, and says on its console what it saw. */
import device from "embedded:provider/builtin";
import Timer from "timer";
import { Session, type SessionOptions } from "../../modules/mqtt/session";
import { IN_TOPIC, numberOf, OUT_TOPIC, payloadOf } from "./chaos-messages";
import type { ChaosSettings } from "./chaos-settings";

/** Messages that the outbox may hold: more than a window of them. */
const QUEUED = 32;
/** ms after which it looks whether the outbox has room, for messages of an earlier boot have no `onFate`. */
const LOOK = 200;

const { host, port, QoS, direction, first, last, pause, rest, durable, spread, keepAlive } = (
	device.system.settings as unknown as { chaos: ChaosSettings }
).chaos;

const options: SessionOptions = {
	client: device.network.mqtt.client,
	host,
	port,
	id: "chaos",
	keepAlive,
	random: () => Math.random() * spread,
	log: (level, text) => {
		if (level !== "debug") trace(`# ${text}\n`);
	},
};
if (durable)
	Object.assign(options, { persistence: { storage: device.keyValue, writes: { burst: 1e9, perHour: 1e9 } } });
const session = new Session(options);

let next = first;
let filling = false;
let rested = first;

/** Nothing is under way: `~`, and a moment later it goes on. */
function haveRest(): void {
	rested = next;
	trace("~\n");
	Timer.set(() => {
		filling = false;
	}, rest);
}

/** `+N`: message N was accepted; `=N fate`: what became of it. */
function fill(): void {
	if (filling) return;
	filling = true;
	while (next <= last && session.queued.messages < QUEUED) {
		if (next % pause === 1 && next !== rested) {
			if (session.queued.messages > 0) break;
			haveRest();
			return;
		}
		const number = next;
		session.publish(OUT_TOPIC, payloadOf(number), {
			QoS,
			policy: "refuse",
			...(durable && { durable }),
			onFate: (fate: string) => {
				trace(`=${number} ${fate}\n`);
				fill();
			},
		} as never);
		next++;
		trace(`+${number}\n`);
	}
	filling = false;
}

if (direction === "out") {
	Timer.repeat(fill, LOOK);
	fill();
} else {
	/** `<N`: message N came; `dup`: with the flag. */
	session.on(IN_TOPIC, QoS as 1, ({ payload, duplicate }) => {
		const number = numberOf(String.fromArrayBuffer(payload.slice().buffer as ArrayBuffer));
		trace(`<${number}${duplicate ? " dup" : ""}\n`);
	});
}
session.start();
