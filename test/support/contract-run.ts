/** Boots a desktop node with the contract in place of the firmware, and puts its fixtures around it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RealClock, VirtualClock } from "../../hosts/desktop/clock";
import { DesktopNode, type DesktopNodeOptions } from "../../hosts/desktop/desktop-node";
import { Rom } from "../../hosts/desktop/engine/index";
import { FirmwareLoader } from "../../hosts/desktop/firmware/loader";
import type { Clock } from "../../hosts/shared/clock";
import type { Settings } from "../../modules/system/system";
import { Air } from "../../sim/network/air";
import { Internet } from "../../sim/network/internet";
import { NodeNetwork } from "../../sim/network/node-network";
import { realSockets } from "../../sim/network/real-sockets";
import type { Bench } from "../contract/bench";
import { boardBench, contractBench } from "./contract-board";
import { echo, type Fixtures, serveFixtures } from "./contract-fixtures";
import { httpServer } from "./http-server";
import { webSocketServer } from "./websocket-server";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The program, below the project's folder, and what is preloaded for it. */
export const CONTRACT = "test/contract/main";
export const PRELOAD = ["embedded:provider/builtin", "timer", "time"];

export interface ContractResult {
	/** Lines that the contract wrote, in order. */
	lines: string[];
	passed: number;
	failed: number;
	skipped: number;
	/** ms of wall-clock time. */
	duration: number;
}

/** Runs the contract to its end. `limit`: ms of node time after which it counts as stuck. */
export async function runContract(
	virtual: boolean,
	limit = 120_000,
	makeMachine?: DesktopNodeOptions["makeMachine"],
): Promise<ContractResult> {
	let internet!: Internet;
	const clock: Clock = virtual ? new VirtualClock(() => internet.idle()) : new RealClock();
	internet = new Internet({ clock });
	const fixtures = virtual ? inMemory(internet) : await serveFixtures();
	if (!virtual) internet.name("echo.simulated", "127.0.0.1");
	const storage = mkdtempSync(join(tmpdir(), "vagalume-contract-"));
	const loader = new FirmwareLoader(ROOT, { main: CONTRACT });
	const rom = new Rom({ loader, preload: PRELOAD, modules: ["main"] });
	const uniqueId = "240ac4000001";
	const air = new Air({ seed: 1 });
	const wifi = { SSID: "vagalume", password: "fireflies" };
	const network = new NodeNetwork({
		internet,
		clock,
		sockets: virtual ? undefined : realSockets,
		air,
		node: 0,
		uniqueId,
	});
	const bench: Bench = {
		wifi,
		ntp: { accuracy: 60 },
		scratch: "storage",
		update: "bytes",
		loopback: "127.0.0.1",
		...boardBench,
		...fixtures.bench,
	};
	const lines: string[] = [];
	const start = performance.now();
	let random = 1;
	let fault = "";
	let finished = () => {};
	const done = new Promise<void>((resolve) => {
		finished = resolve;
	});
	let over = false;
	const end = () => {
		over = true;
		finished();
	};
	const machine = new DesktopNode({
		rom,
		makeMachine,
		name: "contract",
		clock,
		board: contractBench(clock).workbench.board,
		network,
		storage,
		settings: { wifi, bench } as Settings,
		wiring: { pin: { led: 2, button: 0 }, i2c: { default: { data: 21, clock: 22 } } },
		boardName: "test board",
		hostName: "desktop",
		uniqueId,
		version: "1.2.3",
		heap: 327_680,
		random: (count) =>
			Uint8Array.from({ length: count }, () => (random = (Math.imul(random, 1103515245) + 12345) >>> 0) >>> 16),
		onLine: (line) => {
			lines.push(line);
			if (line.startsWith("contract: ")) end();
		},
		onNotice: (line) => void lines.push(`# ${line}`),
		onFault: ({ reason, message, stack }) => {
			fault = `${reason}: ${message}\n${stack}`;
			end();
		},
	});
	machine.powerOn();
	const deadline = clock.set(() => {
		fault = "stuck";
		end();
	}, limit);
	if (clock instanceof VirtualClock) await clock.run(limit + 1, () => over);
	await done;
	clock.clear(deadline);
	machine.powerCut();
	fixtures.close();
	rom.close();
	rmSync(storage, { recursive: true });
	if (fault) throw new Error(`the contract did not come to its end: ${fault}\n${lines.slice(-5).join("\n")}`);
	const [passed, failed, skipped] = lines.at(-1)!.match(/\d+/g)!.map(Number);
	return { lines, passed: passed!, failed: failed!, skipped: skipped!, duration: performance.now() - start };
}

function inMemory(internet: Internet): Fixtures {
	const address = internet.name("echo.simulated");
	internet.serve(address, 7, echo);
	internet.receive(address, 7, (bytes, _from, reply) => reply(bytes));
	const websocket = webSocketServer();
	internet.serve(address, 80, (stream) => websocket.accept(stream));
	const http = httpServer();
	internet.serve(address, 8080, (stream) => http.accept(stream));
	return {
		bench: {
			echo: { address, port: 7, host: "echo.simulated" },
			websocket: { address, port: 80, host: "echo.simulated" },
			http: { address, port: 8080, host: "echo.simulated" },
			refused: { address, port: 9 },
			udpEcho: { address, port: 7 },
			names: { host: "echo.simulated", address, missing: "missing.simulated" },
		},
		close() {
			websocket.close();
			http.close();
		},
	};
}
