/** The same traffic through the same broker, by three clients: ours in XS, MQTT.js in Node.js, and a bare socket. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { RealClock } from "../../hosts/desktop/clock";
import { DesktopNode } from "../../hosts/desktop/desktop-node";
import type { Rom } from "../../hosts/desktop/engine/index";
import { buildRom } from "../../hosts/desktop/firmware/build-rom";
import type { Settings } from "../../modules/system/system";
import { Air, DEFAULT_POINT } from "../../sim/network/air";
import { Internet } from "../../sim/network/internet";
import { NodeNetwork } from "../../sim/network/node-network";
import { realSockets } from "../../sim/network/real-sockets";
import { root } from "../../tools/root";
import type { TrafficSettings } from "../inside/mqtt-traffic";
import { Traffic, type TrafficResult } from "../inside/traffic";
import { contractBoard } from "./contract-board";
import { RawMQTT } from "./raw-mqtt";
import { until } from "./until";

/** Runs one measurement with a client of its own. */
export type Loop = (settings: TrafficSettings) => Promise<TrafficResult>;

const now = () => performance.now();

export const rawLoop: Loop = (settings) =>
	new Promise((resolve) => {
		const traffic = new Traffic(
			settings,
			now,
			() => raw.publish(),
			(result) => {
				raw.close();
				resolve(result);
			},
		);
		const raw = new RawMQTT(
			settings.port,
			settings,
			() => traffic.start(),
			() => traffic.arrived(),
		);
	});

export const mqttJsLoop: Loop = async (settings) => {
	const { port, topic, QoS, size } = settings;
	const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: "mqttjs", clean: true });
	await client.subscribeAsync(topic, { qos: QoS });
	const payload = Buffer.alloc(size, 120);
	const options = { qos: QoS };
	const result = await new Promise<TrafficResult>((resolve) => {
		const traffic = new Traffic(settings, now, () => void client.publish(topic, payload, options), resolve);
		client.on("message", () => traffic.arrived());
		traffic.start();
	});
	await client.endAsync();
	return result;
};

/** Ours: a whole node on the desktop host, with real sockets. */
export class InsideLoop {
	readonly #rom: Rom = buildRom({ root, main: "test/inside/mqtt-traffic" });
	readonly #clock = new RealClock();
	readonly #network: NodeNetwork;

	constructor() {
		const clock = this.#clock;
		this.#network = new NodeNetwork({
			internet: new Internet({ clock }),
			clock,
			sockets: realSockets,
			air: new Air({ seed: 1 }),
			node: 0,
			uniqueId: "240ac4000001",
			join: DEFAULT_POINT,
		});
	}

	/** @throws Error when the firmware failed */
	async run(settings: TrafficSettings): Promise<TrafficResult> {
		const clock = this.#clock;
		await until(() => this.#network.up, 5000, "Wi-Fi");
		const storage = mkdtempSync(join(tmpdir(), "vagalume-traffic-"));
		let machine: DesktopNode | undefined;
		try {
			return await new Promise<TrafficResult>((resolve, reject) => {
				machine = new DesktopNode({
					rom: this.#rom,
					name: "traffic",
					clock,
					board: contractBoard(clock),
					network: this.#network,
					storage,
					settings: { traffic: settings } as unknown as Settings,
					wiring: { pin: {}, i2c: { default: { data: 21, clock: 22 } } },
					boardName: "test board",
					hostName: "desktop",
					uniqueId: "240ac4000001",
					version: "1.2.3",
					heap: 262_144,
					random: (count) => new Uint8Array(count),
					onLine: (line) => {
						if (line.startsWith("{")) resolve(JSON.parse(line));
						else reject(new Error(line));
					},
					onNotice: () => {},
					onFault: ({ message, stack }) => reject(new Error(`${message}\n${stack}`)),
				});
				machine.powerOn();
			});
		} finally {
			machine?.powerCut();
			rmSync(storage, { recursive: true });
		}
	}
}
