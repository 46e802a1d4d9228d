import { VirtualClock } from "../../hosts/desktop/clock";
import { Air, DEFAULT_POINT } from "../../sim/network/air";
import { Internet } from "../../sim/network/internet";
import { NodeNetwork } from "../../sim/network/node-network";
import { IN_TOPIC, payloadOf } from "../inside/chaos-messages";
import { BrokerModel, type Death } from "./broker-model";
import type { Run } from "./run";
import { StreamWire, type Wire } from "./wire";
import type { World } from "./world";

const CLIENT = "chaos";
const HOST = "10.0.1.1";
const PORT = 1883;

export interface VirtualWorldOptions {
	/** Bytes are changed on their way: the broker will complain, and rightly. */
	readonly corrupt: boolean;
}

/** Virtual time, and a broker that is right: judged to the last message. */
export class VirtualWorld implements World {
	readonly internet: Internet;
	readonly clock = new VirtualClock(() => this.internet.idle());
	readonly network: NodeNetwork;
	readonly host = HOST;
	readonly port = PORT;
	readonly spread = 1;
	readonly keepAlive = 60;
	readonly rest = 20_000;
	readonly scale = { density: 1, duration: 1 };
	readonly patience = 5_000;
	readonly strict = true;
	readonly exact = true;
	readonly broker: BrokerModel;
	onConnection: (wire: Wire) => void = () => {};
	readonly #run: Run;

	constructor(run: Run, { corrupt }: VirtualWorldOptions) {
		this.#run = run;
		const { clock } = this;
		const internet = new Internet({ clock });
		this.internet = internet;
		internet.serve(HOST, PORT, (stream) => this.onConnection(new StreamWire(stream, () => internet.touch())));
		this.network = new NodeNetwork({
			internet,
			clock,
			air: new Air({ seed: 1 }),
			node: 0,
			uniqueId: "240ac4000001",
			join: { SSID: DEFAULT_POINT.SSID, password: DEFAULT_POINT.password! },
		});
		this.broker = new BrokerModel(clock, {
			onTaken: (number) => run.receipt(number),
			onComplaint: (text) => {
				if (!corrupt) run.violate(`the broker complains: ${text}`);
			},
		});
	}

	async start(): Promise<void> {}

	connect(): Wire | undefined {
		return this.broker.connect();
	}

	publish(number: number, QoS: 1 | 2): void {
		this.broker.publish(number, IN_TOPIC, Buffer.from(payloadOf(number)), QoS);
		this.#run.taken(number);
	}

	restart(away: number): void {
		this.broker.stop();
		this.clock.set(() => this.broker.start(), away);
	}

	kill(death: Death, away: number): void {
		this.broker.kill(death, () => this.clock.set(() => this.broker.start(), away));
	}

	lose(): void {
		this.broker.lose(CLIENT);
	}

	calm(milliseconds: number): number {
		return milliseconds;
	}

	wait(over: () => boolean): Promise<void> {
		return this.clock.run(Number.POSITIVE_INFINITY, over);
	}

	async close(): Promise<void> {
		this.broker.stop();
	}
}
