import type { Writable } from "node:stream";
import { baseOf } from "../../modules/description/topics";
import { perform } from "./actions";
import { ComputeGauge } from "./compute-gauge";
import { type Changing, Feed } from "./feed";
import { Journal } from "./journal";
import { ordersOf } from "./orders";
import type { NodeEvent, PanelNode } from "./panel-node";
import type { Action, NodeState, NodeSummary } from "./protocol";
import { boardTitle, channelsOf, hardwareOf, partsOf, pinsOf, summaryOf, type ViewContext, vitalsOf } from "./views";

/** How often the world, the signal and the heap are looked at while a page is open (ms): they change without an event. */
const GLANCE = 1000;

/** One node as its pages see it. While no page is open it only keeps the journal. */
export class NodeWatch {
	readonly #node: PanelNode;
	readonly #brokerUrl: () => string | undefined;
	readonly #journal: Journal;
	readonly #feeds = new Set<Feed>();
	readonly #unsubscribe: () => void;
	#watching: (() => void)[] = [];
	#signal: number | undefined;
	readonly #compute = new ComputeGauge();

	constructor(node: PanelNode, brokerUrl: () => string | undefined) {
		this.#node = node;
		this.#brokerUrl = brokerUrl;
		this.#journal = new Journal(node);
		this.#unsubscribe = node.subscribe((event) => this.#take(event));
	}

	get summary(): NodeSummary {
		return summaryOf(this.#node);
	}

	/** How many pages watch. */
	get watchers(): number {
		return this.#feeds.size;
	}

	/** Streams events to a page until `stream` closes. */
	open(stream: Writable): void {
		const feed = new Feed(stream, this.#state(), () => this.#changing());
		this.#feeds.add(feed);
		if (this.#feeds.size === 1) this.#watch();
		stream.once("close", () => {
			feed.close();
			this.#feeds.delete(feed);
			if (this.#feeds.size === 0) this.#rest();
		});
	}

	/** Throws RequestError when that is not possible. */
	act(action: Action): void {
		perform(this.#node, action);
		if (action.type === "wifi" && action.signal !== undefined) this.#signal = action.signal;
		this.#touch();
	}

	close(): void {
		this.#unsubscribe();
		for (const feed of this.#feeds) feed.close();
		this.#feeds.clear();
		this.#rest();
	}

	#take(event: NodeEvent): void {
		const shown = this.#journal.add(event);
		for (const feed of this.#feeds) {
			if (shown === undefined) feed.touch();
			else if ("packet" in shown) feed.packet(shown.packet);
			else feed.log(shown.log);
		}
	}

	#state(): NodeState {
		const { id, description } = this.#node;
		return {
			id,
			name: description.name,
			place: description.place,
			board: boardTitle(this.#node),
			hardware: hardwareOf(this.#node),
			base: baseOf(description, id),
			orders: ordersOf(this.#node),
			...this.#changing(),
			history: this.#journal.history,
			packets: this.#journal.packets,
			log: this.#journal.log,
		};
	}

	#changing(): Changing {
		const context: ViewContext = {
			node: this.#node,
			journal: this.#journal,
			signal: this.#signal,
			broker: this.#brokerUrl(),
			compute: this.#compute,
		};
		return {
			date: this.#node.date(),
			vitals: vitalsOf(context),
			pins: pinsOf(this.#node),
			parts: partsOf(context),
			channels: channelsOf(context),
		};
	}

	#watch(): void {
		const touch = () => this.#touch();
		const glance = setInterval(() => {
			this.#compute.look(this.#node.statistics()?.compute);
			touch();
		}, GLANCE);
		this.#watching = [
			this.#node.workbench.board.on("part", touch),
			this.#node.workbench.board.on("pin", touch),
			this.#node.world.onChange(touch),
			() => clearInterval(glance),
		];
	}

	#rest(): void {
		for (const end of this.#watching) end();
		this.#watching = [];
		// Nobody looks: what is computed meanwhile is not that of one glance.
		this.#compute.look(undefined);
	}

	#touch(): void {
		for (const feed of this.#feeds) feed.touch();
	}
}
