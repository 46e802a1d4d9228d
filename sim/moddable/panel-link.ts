import type { PanelNews, PartNews, RadioNews } from "../../hosts/moddable/panel/protocol";
import type { Clock, TimerHandle } from "../../hosts/shared/clock";
import type { PartState } from "../board/observers";
import type { Workbench } from "../board/workbench";

/** ms between two news of what changes, at least; and of what moves by itself: the weather, the radio's signal. */
const RATE = 50;
const WEATHER = 1000;

export interface PanelLinkOptions {
	readonly id: string;
	readonly clock: Clock;
	readonly workbench: Pick<Workbench, "parts" | "board">;
	radio(): RadioNews;
	/** To the panel. */
	post(message: string): void;
}

/** Tells a panel how the node looks, once there is one: all of it at first, then what changes. */
export class PanelLink {
	readonly #options: PanelLinkOptions;
	/** What the panel was told last, as JSON, by part. */
	readonly #told = new Map<string, string>();
	readonly #changed = new Map<string, PartState>();
	#unsubscribe: (() => void) | undefined;
	#flushing: TimerHandle | undefined;
	#weather: TimerHandle | undefined;

	constructor(options: PanelLinkOptions) {
		this.#options = options;
	}

	get isOpen(): boolean {
		return this.#unsubscribe !== undefined;
	}

	/** A panel is there and asks for everything. */
	open(): void {
		const { workbench, id } = this.#options;
		this.#told.clear();
		this.#unsubscribe ??= workbench.board.on("part", (state) => this.#note(state));
		this.#send({ id });
		this.#look();
		this.#flush();
	}

	/** What was written on the console: the panel shows its last line. */
	log(text: string): void {
		if (this.isOpen) this.#send({ log: text.trimEnd().split("\n").at(-1)! });
	}

	close(): void {
		const { clock } = this.#options;
		this.#unsubscribe?.();
		this.#unsubscribe = undefined;
		clock.clear(this.#flushing);
		clock.clear(this.#weather);
		this.#flushing = this.#weather = undefined;
	}

	#note(state: PartState): void {
		this.#changed.set(state.name, state);
		this.#flushing ??= this.#options.clock.set(() => this.#flush(), RATE);
	}

	/** Looks at everything, again and again. */
	#look(): void {
		const { workbench, clock } = this.#options;
		for (const state of Object.values(workbench.parts())) this.#note(state);
		clock.clear(this.#weather);
		this.#weather = clock.set(() => this.#look(), WEATHER);
	}

	#flush(): void {
		const { clock, radio } = this.#options;
		clock.clear(this.#flushing);
		this.#flushing = undefined;
		const parts: Record<string, PartNews> = {};
		for (const [name, state] of this.#changed) {
			const news = newsOf(state);
			if (this.#isNew(name, news)) parts[name] = news;
		}
		this.#changed.clear();
		const wifi = radio();
		const news = { ...(Object.keys(parts).length > 0 && { parts }), ...(this.#isNew("wifi", wifi) && { wifi }) };
		if (Object.keys(news).length > 0) this.#send(news);
	}

	#isNew(name: string, news: PartNews | RadioNews): boolean {
		const text = JSON.stringify(news);
		if (this.#told.get(name) === text) return false;
		this.#told.set(name, text);
		return true;
	}

	#send(news: PanelNews): void {
		this.#options.post(JSON.stringify(news));
	}
}

function newsOf(state: PartState): PartNews {
	switch (state.kind) {
		case "led":
			return { brightness: Math.round(state.brightness * 1000) / 1000 };
		case "relay":
			return { on: state.on };
		case "button":
			return { pressed: state.pressed };
		case "strip":
			return { pixels: Array.from(state.pixels, (byte) => byte.toString(16).padStart(2, "0")).join("") };
		case "sensor": {
			const values = Object.entries(state.values).map(([name, value]) => [name, Math.round(value * 100) / 100]);
			return { plugged: state.plugged, values: Object.fromEntries(values) };
		}
	}
}
