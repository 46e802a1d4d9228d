import { sequence, stream } from "../../sim/world/random";
import type { ChaosSettings } from "../inside/chaos-settings";
import { HeapWatch } from "./heap-watch";
import { type Direction, Judge, type Verdict } from "./judge";
import { type CutPoint, type NodeEvents, NodeUnderTest } from "./node-under-test";
import { type Blow, type Fault, Plan } from "./plan";
import { ChaosProxy, type ProxyCounts } from "./proxy";
import type { World } from "./world";

/** One square of the table. */
export interface Cell {
	readonly world: "virtual" | "mosquitto";
	readonly QoS: 1 | 2;
	readonly direction: Direction;
	readonly fault: Fault;
}

export interface RunOptions {
	readonly cell: Cell;
	readonly messages: number;
	readonly seed: number;
	/** The power goes there, once, and the plan's blows are left out. */
	readonly cutPoint?: CutPoint | undefined;
	/** The plan's blows are left out. */
	readonly calm?: boolean | undefined;
	/** Messages done, of `messages`. */
	onProgress?: ((done: number) => void) | undefined;
}

/** What a run came to. */
export interface RunResult extends Verdict, ProxyCounts {
	/** Of the broker: restarts and kills. */
	readonly restarts: number;
	/** Of the node. */
	readonly powerCuts: number;
	readonly writes: { readonly storage: number; readonly socket: number };
	/** Node time, in s. */
	readonly seconds: number;
	/** Bytes of the node's heap: in use when nothing was under way, after garbage collection, at first and at last; the most ever. */
	readonly memory: { readonly first: number; readonly last: number; readonly peak: number };
	/** Empty: all is well. */
	readonly violations: readonly string[];
	/** The last packets and words of the node when the first violation was seen. */
	readonly log: readonly string[];
}

/** ms between two looks at how far it is. */
const TICK = 1_000;
/** A node that gets nothing through for so long is deaf, ms of its time. */
const DEAF = 20 * 60_000;
/** ms of node time after which a connected node that gets nothing from a broker that was killed is given up on that. */
const WRITE_OFF = 60_000;
/** ms of node time without faults at the end: what is under way comes to its end. */
const CALM = 120_000;
/** Messages that wait at the broker, at most. */
const BACKLOG = 60;
/** Violations that are kept. */
const ENOUGH = 10;
/** Looks at the heap in a run, and the least messages between two. */
const LOOKS = 16;
const STRETCH = 50;
/** Messages of a run from which on it must have been possible to look. */
const MANY = 1_000;
/** Entries of the flash (a domain, the identifiers of QoS 2) that may be in use when all is delivered. */
const FLASH = 6;

/** `wild`: any byte may become any other, and nothing is judged. `clean`: after that, to see whether the node still hears. */
type Phase = "judged" | "wild" | "clean";

/** One run of one cell: the world, the node, what passes between them, and what is thought of it. */
export class Run {
	readonly #options: RunOptions;
	readonly #world: World;
	readonly #judge: Judge;
	readonly #plan: Plan;
	readonly #proxy: ChaosProxy;
	readonly #node: NodeUnderTest;
	readonly #heap = new HeapWatch();
	readonly #violations: string[] = [];
	/** Number of the last message of each phase. */
	readonly #last: { judged: number; wild: number; clean: number };
	/** Every so many messages it is waited until nothing is under way. */
	readonly #pause: number;
	#phase: Phase = "judged";
	/** Out: the highest number that the node has tried. In: the highest that was given to the broker. */
	#highest = 0;
	#lastReport = 0;
	/** Packets since the last blow. */
	#packets = 0;
	/** When the last packet passed, ms of the clock. */
	#moved = 0;
	#blow: Blow | undefined;
	#restarts = 0;
	#powerCuts = 0;
	/** Fates and messages that the node told of. */
	#heard = 0;
	/** In: messages of the wild phase that arrived. */
	readonly #arrived = new Set<number>();
	#resting = false;
	#rested = 0;
	#feeding = false;
	#progress = { done: 0, at: 0 };
	#calm: number | undefined;
	#over = false;
	#log: string[] | undefined;

	constructor(options: RunOptions, makeWorld: (run: Run) => World) {
		const { cell, seed, messages, cutPoint } = options;
		this.#options = options;
		this.#pause = Math.max(STRETCH, Math.ceil(messages / LOOKS));
		this.#last = { judged: messages, wild: messages, clean: messages };
		if (cell.fault === "corrupt") {
			// Phases change when nothing is under way.
			this.#last.judged = Math.ceil(messages / this.#pause) * this.#pause;
			this.#last.wild = this.#last.judged + 4 * this.#pause;
			this.#last.clean = this.#last.wild + this.#pause;
		}
		const onViolation = (text: string) => this.violate(text);
		const world = makeWorld(this);
		this.#world = world;
		this.#judge = new Judge({ QoS: cell.QoS, direction: cell.direction, exact: world.exact, onViolation });
		this.#plan = new Plan(cell.fault, seed, world.scale);
		this.#proxy = new ChaosProxy({
			clock: world.clock,
			plan: this.#plan,
			judge: this.#judge,
			connect: () => world.connect(),
			onPackets: (count) => this.#onPackets(count),
			onViolation,
			random: sequence(stream(seed, "proxy")),
			patience: world.patience,
			strict: world.strict,
		});
		world.onConnection = (wire) => this.#proxy.accept(wire);
		this.#node = new NodeUnderTest({
			clock: world.clock,
			network: world.network,
			settings: () => this.#settings(),
			random: sequence(stream(seed, "node")),
			events: this.#events(),
		});
		if (cutPoint) this.#node.cutAt(cutPoint);
		if (!cutPoint && !options.calm) this.#blow = this.#plan.blow();
	}

	/** Something is wrong. */
	violate(text: string): void {
		if (this.#phase === "wild") return;
		if (this.#violations.length < ENOUGH) this.#violations.push(text);
		this.#log ??= this.#proxy?.log.lines();
	}

	/** In: the broker took a message from its publisher. */
	taken(number: number): void {
		this.#judge.accept(number);
	}

	/** Out: the broker handed a message on. */
	receipt(number: number): void {
		this.#judge.receipt(number);
	}

	async toEnd(): Promise<RunResult> {
		const { clock, exact } = this.#world;
		await this.#world.start();
		const start = clock.now();
		this.#progress.at = start;
		this.#node.powerOn();
		this.#tick();
		await this.#world.wait(() => this.#over);
		const seconds = (clock.now() - start) / 1000;
		const verdict = this.#judge.finish();
		const { growth, first, last, looks } = this.#heap;
		if (growth) this.violate(growth);
		if (looks < 2 && this.#options.messages >= MANY) this.violate(`the heap was looked at ${looks} times`);
		const { flash, writes } = this.#node;
		if (exact && flash > FLASH) this.violate(`${flash} entries of the flash are left in use`);
		this.#node.close();
		this.#proxy.close();
		await this.#world.close();
		return {
			...verdict,
			...this.#proxy.counts,
			restarts: this.#restarts,
			powerCuts: this.#powerCuts,
			writes,
			seconds,
			memory: { first, last, peak: this.#node.peak },
			violations: this.#violations,
			log: this.#log ?? [],
		};
	}

	#settings(): ChaosSettings {
		const { host, port, spread, keepAlive, rest } = this.#world;
		const { QoS, direction, fault } = this.#options.cell;
		const durable = (fault === "power cut" || fault === "all") && (direction === "out" || QoS === 2);
		const last = direction === "out" ? this.#last.clean : 0;
		return {
			host,
			port,
			spread,
			keepAlive,
			QoS,
			direction,
			durable,
			first: this.#highest + 1,
			last,
			pause: this.#pause,
			// Longer than the look at the heap takes.
			rest: 1.5 * rest,
		};
	}

	#events(): NodeEvents {
		const judge = this.#judge;
		return {
			accepted: (number) => {
				this.#highest = number;
				judge.accept(number);
			},
			fate: (number, what) => {
				this.#heard++;
				judge.fate(number, what);
			},
			report: (number, duplicate) => {
				this.#heard++;
				if (number === 0) this.violate("a message arrived changed");
				this.#lastReport = number;
				if (number > this.#last.judged) this.#arrived.add(number);
				judge.report(number, duplicate);
			},
			resting: () => this.#rest(),
			line: (text) => this.#proxy.note(text),
			fault: ({ reason, message, stack }) => {
				this.#phase = "judged";
				this.violate(`the node ended: ${reason}: ${message}\n${stack}`);
				this.#over = true;
			},
			dies: (key) => this.#onPowerCut(key),
		};
	}

	#tick(): void {
		if (this.#over) return;
		this.#feed();
		this.#look();
		this.#world.clock.set(() => this.#tick(), TICK);
	}

	/** In: messages that the broker has, or is to have, for the node. */
	get #waiting(): number {
		if (this.#phase === "wild") return this.#highest - this.#last.judged - this.#arrived.size;
		return this.#judge.outstanding + this.#highest - this.#judge.accepted;
	}

	/** Gives the broker messages for the node. */
	#feed(): void {
		const { cell } = this.#options;
		if (cell.direction === "out" || this.#feeding || this.#resting || !this.#proxy.subscribed) return;
		this.#feeding = true;
		const pauses = this.#phase !== "wild";
		for (;;) {
			const waiting = this.#waiting;
			if (waiting >= BACKLOG) break;
			if (pauses && this.#highest % this.#pause === 0 && this.#highest !== this.#rested) {
				if (waiting === 0) this.#rest();
				break;
			}
			if (this.#highest >= this.#last[this.#phase]) break;
			this.#world.publish(++this.#highest, cell.QoS);
		}
		this.#feeding = false;
	}

	/** Nothing is under way: time for the next phase, and in a moment to look at the heap. */
	#rest(): void {
		this.#resting = true;
		this.#rested = this.#highest;
		const { clock, rest } = this.#world;
		const start = clock.now();
		clock.set(() => {
			if (this.#over) return;
			this.#resting = false;
			if (this.#moved <= start + rest / 2) this.#lookAtHeap();
		}, rest);
		this.#turn();
	}

	#lookAtHeap(): void {
		if (!this.#proxy.quiet) return;
		const used = this.#node.used();
		if (used !== undefined) this.#heap.add({ used, keys: this.#node.keys });
	}

	/** At the end of a phase: the next. */
	#turn(): void {
		const { judged, wild } = this.#last;
		if (this.#phase === "judged" && this.#highest === judged && wild > judged) {
			this.#phase = "wild";
			this.#proxy.wild = true;
			this.#judge.suspend(judged + 1);
		} else if (this.#phase === "wild" && this.#highest === wild) this.#tame();
	}

	/** Faults end, and the broker loses the session: what nonsense it took for subscriptions is gone, and all begins anew. */
	#tame(): void {
		this.#phase = "clean";
		this.#proxy.wild = this.#proxy.rough = false;
		this.#proxy.subscribed = false;
		this.#judge.resume(this.#highest + 1);
		this.#world.lose();
		// Under a client identifier that was changed on its way there may be another session.
		this.#proxy.close();
	}

	#look(): void {
		const { messages, onProgress } = this.#options;
		const now = this.#world.clock.now();
		const done = this.#judge.done + (this.#phase === "wild" ? this.#heard : 0);
		if (done !== this.#progress.done) {
			this.#progress = { done, at: now };
			onProgress?.(Math.min(this.#judge.done, messages));
		}
		const quiet = now - this.#progress.at;
		if (this.#calm !== undefined) {
			if (now >= this.#calm) this.#over = true;
		} else if (this.#ended) this.#calmDown();
		else if (this.#phase === "wild") {
			const all = this.#options.cell.direction === "in" && this.#highest === this.#last.wild && this.#waiting === 0;
			if (all || quiet > WRITE_OFF * 5) this.#tame();
		} else if (quiet > DEAF) {
			this.violate(`nothing came through for ${DEAF / 60_000} minutes: ${done} of ${messages} are done`);
			this.#over = true;
		} else if (now - this.#moved > WRITE_OFF && this.#mayForget && this.#proxy.online) {
			// One more, or nobody could tell a broker that forgot from a node that is deaf.
			if (this.#judge.writeOff() > 0) this.#last.judged = this.#last.wild = ++this.#last.clean;
		}
	}

	/** Everything was accepted, and came to its end. */
	get #ended(): boolean {
		const { outstanding, accepted } = this.#judge;
		if (this.#highest < this.#last.clean || outstanding > 0) return false;
		return this.#options.cell.direction === "out" || accepted >= this.#highest;
	}

	/** The broker may have been killed with messages for the node that it had acknowledged. */
	get #mayForget(): boolean {
		const { direction, fault } = this.#options.cell;
		return !this.#world.exact && direction === "in" && this.#restarts > 0 && (fault === "kill -9" || fault === "all");
	}

	#calmDown(): void {
		this.#proxy.rough = false;
		this.#blow = undefined;
		this.#calm = this.#world.clock.now() + this.#world.calm(CALM);
	}

	#onPackets(count: number): void {
		this.#packets += count;
		this.#moved = this.#world.clock.now();
		this.#feed();
		const blow = this.#blow;
		if (!blow || this.#packets < blow.after) return;
		this.#packets = 0;
		this.#blow = this.#plan.blow();
		this.#proxy.note(`blow: ${blow.kind}, ${blow.death}`);
		if (blow.kind === "power") this.#throwSwitch(blow);
		else {
			this.#restarts++;
			if (blow.kind === "restart") this.#world.restart(blow.away);
			else this.#world.kill(blow.death, blow.away);
		}
	}

	/** At one of the next writes, to flash where there are any. */
	#throwSwitch({ death, write }: Blow): void {
		const { writes } = this.#node;
		const kind = writes.storage > 0 && write % 2 === 0 ? "storage" : "socket";
		this.#node.cutAt({ kind, index: writes[kind] + write, when: death });
	}

	#onPowerCut(key: string | undefined): void {
		this.#powerCuts++;
		this.#proxy.powerGoes();
		if (this.#options.cell.direction === "out") this.#judge.doubt(++this.#highest);
		else if (key === "in") this.#judge.cutBeforeRemembering(this.#lastReport);
	}
}
