/** A whole node on a fake board with a fake broker: what tests of its behaviour start from. */
import type { NodeDescription } from "../../modules/description/description";
import { Log } from "../../modules/log/log";
import { configure } from "../../modules/node/configuration";
import { RunningNode } from "../../modules/node/running-node";
import type { Settings } from "../../modules/system/system";
import node from "../../node";
import { clock } from "./clock";
import { FakeBoard, FakeMessenger } from "./fake-device";
import { catchLines } from "./lines";

export class FakeSession extends FakeMessenger {
	override connected = false;
	started = false;
	stopped = false;
	/** Set by the node. */
	onConnect: (kept: boolean) => void = () => {};

	start(): void {
		this.started = true;
	}
	stop(done: () => void): void {
		this.stopped = true;
		this.connected = false;
		done();
	}
	/** `kept`: the broker kept the session. */
	connect(kept = false): void {
		this.connected = true;
		this.onConnect(kept);
	}
	lose(): void {
		this.connected = false;
	}
}

export interface RunOptions {
	description?: Partial<NodeDescription>;
	settings?: Settings;
	board?: FakeBoard;
}

export class Bench {
	readonly board: FakeBoard;
	readonly session = new FakeSession();
	readonly base: string;
	readonly node: RunningNode;
	/** What the node wrote to its console. */
	readonly lines: string[];
	readonly #restore: () => void;

	constructor(options: RunOptions = {}) {
		clock.reset();
		const caught = catchLines();
		this.lines = caught.lines;
		this.#restore = caught.restore;
		this.board = options.board ?? new FakeBoard();
		this.board.samples.SHT3x ??= { thermometer: { temperature: 21.04 }, hygrometer: { humidity: 45.4 } };
		const settings: Settings = {
			id: "n1",
			broker: "mqtt://broker",
			wifi: { SSID: "home", password: "secret" },
			...options.settings,
		};
		const description = { ...node, ...options.description } as NodeDescription;
		const configuration = configure(description, settings);
		this.base = configuration.base;
		this.node = new RunningNode({
			device: this.board.device(settings),
			description,
			configuration,
			log: new Log({ level: description.log }),
			openSession: ({ owner }) => {
				this.session.onConnect = (kept) => owner.sessionConnected(kept);
				return this.session;
			},
		});
	}

	/** Boots it into a network with a time server and a broker. */
	boot(): this {
		this.node.start();
		clock.advance(500);
		this.network("192.168.0.7");
		this.answerTime();
		clock.advance(100);
		if (this.session.started) this.session.connect();
		return this;
	}
	network(address: string | undefined): void {
		this.board.wifi.address = address;
		this.board.wifi.changed();
	}
	answerTime(): void {
		this.board.timeAnswers.shift()?.(null, this.board.time);
	}
	command(name: string, payload: string | object = "", base = this.base): Record<string, unknown> {
		this.session.send(`${base}/command/${name}`, typeof payload === "string" ? payload : JSON.stringify(payload));
		return JSON.parse(this.session.last(`${this.base}/response/${name}`) ?? "null");
	}
	get records(): Record<string, unknown>[] {
		return this.session.all(`${this.base}/telemetry`).map((text) => JSON.parse(text));
	}
	/** What was published on `<base>/<topic>` last. */
	last(topic: string): string | undefined {
		return this.session.last(`${this.base}/${topic}`);
	}
	end(): void {
		this.#restore();
	}
}
