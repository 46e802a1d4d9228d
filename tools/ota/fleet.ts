import type { Clock, TimerHandle } from "../../hosts/shared/clock";
import { baseOf, topics } from "../../modules/description/topics";
import { blockFor } from "./blocks";

/** A connection to the broker, as far as updates need it. */
export interface Connection {
	/** QoS 1. */
	publish(topic: string, payload: string | Uint8Array): void;
	subscribe(filter: string, handler: (topic: string, payload: string, retain: boolean) => void): void;
}

/** What a node tells on `<base>/update`. */
export interface UpdateState {
	readonly installed_version: string;
	readonly latest_version: string;
	readonly update_percentage: number | null;
	readonly phase: string;
	readonly result?: string;
	readonly reason?: string;
	readonly message?: string;
}

/** A release as it is sent: signed, and its images by their SHA-256. */
export interface Shipment {
	readonly version: string;
	readonly text: string;
	readonly images: ReadonlyMap<string, Uint8Array>;
	/** Where nodes fetch them; undefined: they ask for them by the broker. */
	readonly url?: string;
}

/** What a node is told of a release. */
export function announcementOf({ text, url }: Pick<Shipment, "text" | "url">): string {
	return url === undefined ? text : JSON.stringify({ release: text, url });
}

/** How a node's update went. */
export interface Outcome {
	readonly id: string;
	readonly ok: boolean;
	/** For people. */
	readonly message: string;
}

/** Nothing from a node for so long (ms): it is taken as lost. Longer than a firmware on trial waits for its broker. */
export const SILENCE = 420_000;
const PHASES: readonly string[] = ["verifying", "downloading", "checking", "installing", "trial", "idle"];

/** One node, as the broker knows it. */
export class FleetNode {
	readonly id: string;
	status = "unknown";
	state: UpdateState | undefined;

	constructor(id: string) {
		this.id = id;
	}
}

/** The nodes behind a broker, seen from their owner. */
export class Fleet {
	readonly #connection: Connection;
	readonly #clock: Clock;
	readonly #base: string;
	readonly #nodes = new Map<string, FleetNode>();
	readonly #pushes = new Map<string, Push>();
	/** Something about a node changed. */
	onChange: (node: FleetNode) => void = () => {};

	/** `base`: of the nodes' topics; `{id}` in it stands for a node's id. */
	constructor(connection: Connection, clock: Clock, base: string) {
		this.#connection = connection;
		this.#clock = clock;
		this.#base = base;
	}

	/** All nodes that were heard of, by their ids. */
	get nodes(): FleetNode[] {
		return [...this.#nodes.values()].sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
	}

	/** Follows a node. */
	watch(id: string): void {
		this.#follow(this.#baseOf(id), () => id);
	}

	/** Follows all nodes. Throws an Error when their base does not say which level is the id. */
	watchAll(): void {
		const [before, after, more] = this.#base.split("{id}");
		const isLevel = /(^|\/)$/.test(before!) && /^(\/|$)/.test(after ?? "-");
		if (!isLevel || more !== undefined)
			throw new Error(`base "${this.#base}": to find all nodes, {id} must be one of its levels, once`);
		const base = `${before}+${after}`;
		const at = before!.split("/").length - 1;
		this.#follow(base, (topic) => topic.split("/")[at]!);
	}

	#follow(base: string, idOf: (topic: string) => string): void {
		this.#connection.subscribe(topics.status(base), (topic, payload) => {
			const node = this.#node(idOf(topic));
			node.status = payload;
			this.onChange(node);
		});
		this.#connection.subscribe(topics.update(base), (topic, payload, retain) => {
			const state = parse(payload);
			if (!state) return;
			const node = this.#node(idOf(topic));
			node.state = state;
			this.onChange(node);
			if (!retain) this.#pushes.get(node.id)?.told(state);
		});
		this.#connection.subscribe(topics.request(base), (topic, payload) => {
			const id = idOf(topic);
			const push = this.#pushes.get(id);
			const block = push && blockFor(payload, push.shipment.images);
			if (!block) return;
			push.alive();
			this.#connection.publish(topics.block(this.#baseOf(id)), block);
		});
	}

	/** Sends a release to a node that is watched; resolves when it is known what came of it. */
	push(id: string, shipment: Shipment): Promise<Outcome> {
		return new Promise((resolve) => {
			const push = new Push(id, shipment, this.#clock, (outcome) => {
				this.#pushes.delete(id);
				resolve(outcome);
			});
			this.#pushes.set(id, push);
			this.#node(id);
			this.#connection.publish(topics.available(this.#baseOf(id)), announcementOf(shipment));
		});
	}

	/** Ends what a node fetches. */
	abort(id: string): void {
		this.#connection.publish(topics.command(this.#baseOf(id), "update"), '{"abort":true}');
	}

	#baseOf(id: string): string {
		return baseOf({ base: this.#base }, id);
	}

	#node(id: string): FleetNode {
		let node = this.#nodes.get(id);
		if (!node) {
			node = new FleetNode(id);
			this.#nodes.set(id, node);
		}
		return node;
	}
}

/** A release on its way to a node. */
class Push {
	readonly shipment: Shipment;
	readonly #id: string;
	readonly #clock: Clock;
	readonly #done: (outcome: Outcome) => void;
	#timer: TimerHandle | undefined;
	#last = "nothing";

	constructor(id: string, shipment: Shipment, clock: Clock, done: (outcome: Outcome) => void) {
		this.#id = id;
		this.shipment = shipment;
		this.#clock = clock;
		this.#done = done;
		this.alive();
	}

	alive(): void {
		this.#clock.clear(this.#timer);
		this.#timer = this.#clock.set(
			() => this.#end(false, `nothing was heard for ${SILENCE / 60_000} minutes; the last was: ${this.#last}`),
			SILENCE,
		);
	}

	told(state: UpdateState): void {
		this.#last = state.phase === "idle" || !state.message ? state.phase : `${state.phase}, ${state.message}`;
		this.alive();
		if (state.phase !== "idle") return;
		const { version } = this.shipment;
		if (state.installed_version === version) this.#end(true, `runs ${version}`);
		else if (state.result === "refused" || state.result === "rolled-back")
			this.#end(false, `${state.result}: ${state.message ?? state.reason}`);
	}

	#end(ok: boolean, message: string): void {
		this.#clock.clear(this.#timer);
		this.#done({ id: this.#id, ok, message });
	}
}

function parse(payload: string): UpdateState | undefined {
	try {
		const state = JSON.parse(payload) as UpdateState;
		const known = typeof state?.installed_version === "string" && PHASES.includes(state.phase);
		return known ? state : undefined;
	} catch {
		return undefined;
	}
}

/** A stage of a roll-out: so many nodes, or so many percent of all. */
export type Stage = { readonly count: number } | { readonly percent: number };

export const STAGES: readonly Stage[] = [{ count: 1 }, { percent: 10 }, { percent: 100 }];

export interface RollOut {
	readonly outcomes: readonly Outcome[];
	/** Nodes that were not told. */
	readonly untouched: readonly string[];
}

/** Sends a release to many nodes by `push`, stage by stage; a stage in which one fails is the last. */
export async function rollOut(
	ids: readonly string[],
	push: (id: string) => Promise<Outcome>,
	stages: readonly Stage[],
	onStage: (number: number, ids: readonly string[]) => void = () => {},
): Promise<RollOut> {
	const outcomes: Outcome[] = [];
	let from = 0;
	for (const [index, stage] of stages.entries()) {
		const upTo = "count" in stage ? stage.count : Math.ceil((ids.length * stage.percent) / 100);
		const to = Math.min(ids.length, Math.max(from, upTo));
		if (to === from) continue;
		const part = ids.slice(from, to);
		onStage(index + 1, part);
		outcomes.push(...(await Promise.all(part.map(push))));
		from = to;
		if (outcomes.some(({ ok }) => !ok)) break;
	}
	return { outcomes, untouched: ids.slice(from) };
}
