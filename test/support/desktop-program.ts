/** Boots a program other than the firmware on the desktop host, with real sockets and real time. */
import { join } from "node:path";
import { RealClock } from "../../hosts/desktop/clock";
import { DesktopNode } from "../../hosts/desktop/desktop-node";
import { Rom } from "../../hosts/desktop/engine/index";
import { FirmwareLoader } from "../../hosts/desktop/firmware/loader";
import type { Settings } from "../../modules/system/system";
import { Air } from "../../sim/network/air";
import { Internet } from "../../sim/network/internet";
import { NodeNetwork } from "../../sim/network/node-network";
import { realSockets } from "../../sim/network/real-sockets";
import { root } from "../../tools/root";
import { MemoryFolder } from "../chaos/memory-folder";
import { contractBench } from "./contract-board";
import { until } from "./until";

/** A machine of 64 KB that runs `main`: a path of this project, without extension. */
export class DesktopProgram {
	/** What it traced. */
	readonly lines: string[] = [];
	#fault: string | undefined;
	readonly #node: DesktopNode;
	readonly #rom: Rom;

	/** `settings`: the network of the air is added. */
	constructor(main: string, settings: Settings) {
		const loader = new FirmwareLoader(root, { main });
		const preload = ["embedded:provider/builtin", "timer", "time", join(root, "modules/mqtt/session")];
		this.#rom = new Rom({ loader, preload, modules: ["main"] });
		const clock = new RealClock();
		const internet = new Internet({ clock });
		const uniqueId = "240ac4000002";
		const air = new Air({ seed: 1 });
		const network = new NodeNetwork({ internet, clock, sockets: realSockets, air, node: 0, uniqueId });
		this.#node = new DesktopNode({
			rom: this.#rom,
			name: main,
			clock,
			board: contractBench(clock).workbench.board,
			network,
			storage: new MemoryFolder(),
			settings: { wifi: { SSID: "vagalume", password: "fireflies" }, ...settings },
			wiring: { pin: { led: 2, button: 0 }, i2c: { default: { data: 21, clock: 22 } } },
			boardName: "test board",
			hostName: "desktop",
			uniqueId,
			version: "1.2.3",
			heap: 65_536,
			random: (count) => new Uint8Array(count),
			onLine: (line) => void this.lines.push(line),
			onNotice: (line) => void this.lines.push(`# ${line}`),
			onFault: ({ reason, message, stack }) => {
				this.#fault = `${reason}: ${message}\n${stack}`;
			},
		});
		this.#node.powerOn();
	}

	/** Waits for a line that begins with `name: `, and parses the JSON behind it. */
	async tells<Value>(name: string, timeout = 10_000): Promise<Value> {
		const find = () => this.lines.find((line) => line.startsWith(`${name}: `));
		await until(() => find() !== undefined || this.#fault !== undefined, timeout, `${name} of the program`);
		if (this.#fault !== undefined) throw new Error(this.#fault);
		return JSON.parse(find()!.slice(name.length + 2)) as Value;
	}

	close(): void {
		this.#node.powerCut();
		this.#rom.close();
	}
}
