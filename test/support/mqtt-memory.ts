/** Measures what the heap holds, in bytes as on the board (16 a slot, and the chunks): see test/inside/mqtt-costs.ts. */
import type { Rom } from "../../hosts/desktop/engine/index";
import type { Preparation } from "../inside/mqtt-costs";
import { Event } from "../inside/operations";
import { Inside, InsideError } from "./inside";
import { acknowledgement, connect, prepare } from "./mqtt-costs";

const board = 65_536;
const topic = "casa/sala/temperatura/1";
const filters = ["casa/sala/led/+/set", "casa/sala/command/+"];
/** Of messages, so that a mean says what one takes. */
const many = 100;

/** `undefined` where the program cannot do it. */
export interface Holding {
	/** A client that is connected. */
	client: number;
	/** A session, connected, with two filters subscribed. */
	session: number;
	/** The same at most, garbage included, from its making to SUBACK. */
	sessionPeak: number;
	/** Another filter, subscribed, without its handler. */
	subscription: number;
	/** A message of 20 bytes that waits offline at QoS 1. */
	queued: number;
	/** Messages of 20 bytes in flight: a hundred at QoS 1, and at most while they were published. */
	hundredInFlight: number;
	hundredInFlightPeak: number;
	/** One of them at QoS 1; at QoS 2 before PUBREC, and after it. */
	inFlight: number;
	inFlightTwice: number | undefined;
	released: number | undefined;
}

interface Running {
	inside: Inside;
	/** Bytes before anything was made. */
	before: number;
	nextId: number;
}

function run(rom: Rom, version: 4 | 5, what: Preparation["what"], further: Partial<Preparation> = {}): Running {
	const inside = new Inside(rom, board);
	const before = inside.collected().used;
	const preparation = { what, version, filters, window: many, ...further };
	if (what !== "offline") return { before, ...connect(inside, preparation) };
	prepare(inside, preparation);
	return { inside, before, nextId: 0 };
}

/** Bytes that `work` leaves behind; and at most until then. */
function growth(inside: Inside, work: () => void): { bytes: number; peak: number } {
	const before = inside.collected().used;
	work();
	const { peak } = inside.machine.statistics();
	return { bytes: inside.collected().used - before, peak: peak - before };
}

function publish(inside: Inside, QoS: 1 | 2): void {
	prepare(inside, { what: "publish", topic, size: 20, QoS });
	for (let count = 0; count < many; count++) inside.send(Event.run);
}

function each(bytes: number): number {
	return Math.round(bytes / many);
}

/** QoS 2, before and after PUBREC. */
function exactlyOnce(rom: Rom, version: 4 | 5): { inFlightTwice: number | undefined; released: number | undefined } {
	const { inside, nextId } = run(rom, version, "session");
	try {
		const sent = growth(inside, () => publish(inside, 2)).bytes;
		const more = growth(inside, () => {
			for (let count = 0; count < many; count++) inside.arrive(acknowledgement("pubrec", nextId + count));
		});
		return { inFlightTwice: each(sent), released: each(sent + more.bytes) };
	} catch (error) {
		if (error instanceof InsideError) return { inFlightTwice: undefined, released: undefined };
		throw error;
	} finally {
		inside.machine.close();
	}
}

/** All of it, on a heap of the board's size. */
export function holdings(rom: Rom, version: 4 | 5 = 4): Holding {
	const one = run(rom, version, "client");
	const client = one.inside.collected().used - one.before;
	const { inside, before } = run(rom, version, "session");
	const sessionPeak = inside.machine.statistics().peak - before;
	const session = inside.collected().used - before;
	const inFlight = growth(inside, () => publish(inside, 1));
	const offline = run(rom, version, "offline");
	const queued = growth(offline.inside, () => publish(offline.inside, 1));
	const further = Array.from({ length: 10 }, (_, index) => `casa/sala/relay/r${index}/set`);
	const subscribed = run(rom, version, "session", { filters: [...filters, ...further] });
	const subscription = (subscribed.inside.collected().used - subscribed.before - session) / further.length;
	for (const { machine } of [one.inside, inside, offline.inside, subscribed.inside]) machine.close();
	return {
		client,
		session,
		sessionPeak,
		subscription: Math.round(subscription),
		queued: each(queued.bytes),
		hundredInFlight: inFlight.bytes,
		hundredInFlightPeak: inFlight.peak,
		inFlight: each(inFlight.bytes),
		...exactlyOnce(rom, version),
	};
}
