import type { Clock, TimerHandle } from "../../hosts/shared/clock";
import type { ByteStream } from "../../hosts/shared/services/network";
import type { Line } from "./line";

type Listeners = {
	data: ((chunk: Uint8Array) => void)[];
	end: (() => void)[];
	close: (() => void)[];
	error: ((error: Error) => void)[];
};

/** Bytes under way to the node above which the peer is held back. */
const MOST_UNDER_WAY = 65_536;

/** What goes over the line one way, in order: TCP holds back what follows a lost packet. */
class Lane {
	/** Bytes that wait. */
	bytes = 0;
	#queue: { due: number; size: number; run: () => void }[] = [];
	#last = 0;
	#timer: TimerHandle | undefined;
	readonly #line: Line;
	readonly #clock: Clock;
	readonly #stopped: () => boolean;

	/** `stopped`: nothing may arrive now, for a reason of the receiver's. */
	constructor(line: Line, clock: Clock, stopped: () => boolean) {
		this.#line = line;
		this.#clock = clock;
		this.#stopped = stopped;
	}

	/** `run` is called when it has arrived: at once on a perfect line. */
	send(size: number, run: () => void): void {
		if (this.#queue.length === 0 && this.#line.perfect && !this.#stopped()) {
			run();
			return;
		}
		this.#last = Math.max(this.#last, this.#clock.now() + this.#line.delay());
		this.#queue.push({ due: this.#last, size, run });
		this.bytes += size;
		this.pump();
	}

	/** Lets arrive what is due. */
	pump(): void {
		this.#clock.clear(this.#timer);
		this.#timer = undefined;
		while (this.#queue.length > 0 && this.#line.reachable && !this.#stopped()) {
			const { due, size, run } = this.#queue[0]!;
			const wait = due - this.#clock.now();
			if (wait > 0) {
				this.#timer = this.#clock.set(() => this.pump(), wait);
				return;
			}
			this.#queue.shift();
			this.bytes -= size;
			run();
		}
	}

	clear(): void {
		this.#clock.clear(this.#timer);
		this.#timer = undefined;
		this.#queue = [];
		this.bytes = 0;
	}
}

/**
 * A connection over a line: late when the line is slow or loses packets, silent while it leads nowhere. `abandon` leaves
 * the peer alone with it, as a power cut does: no more bytes, and no end.
 */
export class LineStream implements ByteStream {
	readonly #listeners: Listeners = { data: [], end: [], close: [], error: [] };
	readonly #to: Lane;
	readonly #from: Lane;
	readonly #end: () => void;
	#inner: ByteStream | undefined;
	#paused = false;
	#held = false;
	#unref = false;
	#destroyed = false;
	#abandoned = false;
	readonly #onGone: () => void;
	/** Who made it listens. */
	#made = false;

	/** `open` makes the connection itself, once a first packet got through. `onGone` is called once it is over for both ends. */
	constructor(
		line: Line,
		clock: Clock,
		open: (onConnect: () => void) => ByteStream,
		onConnect: () => void,
		onGone: () => void,
	) {
		this.#onGone = onGone;
		this.#to = new Lane(line, clock, () => false);
		this.#from = new Lane(line, clock, () => this.#paused);
		this.#end = line.subscribe(() => {
			this.#to.pump();
			this.#from.pump();
		});
		this.#to.send(0, () => this.#open(open, onConnect));
		this.#made = true;
	}

	on(event: "data" | "end" | "close" | "error", listener: never): this {
		(this.#listeners[event] as unknown[]).push(listener);
		return this;
	}

	write(bytes: Uint8Array, callback: (error?: Error | null) => void): void {
		this.#to.send(bytes.byteLength, () => this.#inner!.write(bytes, callback));
	}

	end(): void {
		this.#to.send(0, () => this.#inner!.end());
	}

	pause(): void {
		this.#paused = true;
		this.#inner?.pause();
	}

	resume(): void {
		this.#paused = false;
		this.#from.pump();
		if (!this.#held && !this.#paused) this.#inner?.resume();
	}

	isPaused(): boolean {
		return this.#paused;
	}

	destroy(error?: Error): void {
		if (this.#abandoned) return;
		this.#finish();
		this.#inner?.destroy(error);
		this.#onGone();
	}

	unref(): void {
		this.#unref = true;
		this.#inner?.unref?.();
	}

	/** The node is gone without a word. The peer's end stays open until the peer gives it up. */
	abandon(): void {
		if (this.#destroyed || this.#abandoned) return;
		const inner = this.#inner;
		this.#finish();
		if (!inner) {
			this.#onGone();
			return;
		}
		this.#abandoned = true;
		inner.unref?.();
		inner.resume();
	}

	/** Ends what was abandoned. */
	forget(): void {
		this.#abandoned = false;
		this.destroy();
	}

	#open(open: (onConnect: () => void) => ByteStream, onConnect: () => void): void {
		if (this.#destroyed) return;
		let inner: ByteStream;
		try {
			inner = open(() => this.#arrive(0, onConnect));
		} catch (error) {
			if (!this.#made) {
				this.#end();
				throw error;
			}
			this.#onGone();
			this.#arrive(0, () => this.#tell("error", error));
			this.#arrive(0, () => this.#tell("close"));
			return;
		}
		this.#inner = inner;
		if (this.#unref) inner.unref?.();
		inner.on("data", (chunk) => {
			if (this.#destroyed) return;
			this.#arrive(chunk.byteLength, () => this.#tell("data", chunk));
			if (this.#from.bytes > MOST_UNDER_WAY && !this.#held) {
				this.#held = true;
				inner.pause();
			}
		});
		inner.on("end", () => this.#arrive(0, () => this.#tell("end")));
		inner.on("error", (error) => this.#arrive(0, () => this.#tell("error", error)));
		inner.on("close", () => {
			this.#onGone();
			this.#arrive(0, () => this.#tell("close"));
		});
	}

	#arrive(size: number, run: () => void): void {
		if (this.#destroyed) return;
		this.#from.send(size, () => {
			run();
			if (!this.#held || this.#from.bytes > MOST_UNDER_WAY / 2) return;
			this.#held = false;
			if (!this.#paused) this.#inner?.resume();
		});
	}

	#tell(event: "data" | "end" | "close" | "error", value?: unknown): void {
		for (const listener of this.#listeners[event] as ((value?: unknown) => void)[]) listener(value);
		if (event === "close") this.#end();
	}

	#finish(): void {
		this.#destroyed = true;
		this.#end();
		this.#to.clear();
		this.#from.clear();
	}
}
