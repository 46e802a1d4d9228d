/**
 * A virtual board under Node, with the XS side of the desktop host on it but without the engine: for fast tests of drivers
 * and IO classes. Virtual time stands still until `run`.
 */
import "./register-host.js";
import { VirtualClock } from "../../hosts/desktop/clock";
import { Host, type NodeContext } from "../../hosts/shared/host";
import type { Board } from "../../hosts/shared/services/board";
import { boardService } from "../../hosts/shared/services/board-service";
import { systemService } from "../../hosts/shared/services/system-service";
import { describe, type NodeDescription } from "../../modules/description/description";
import { Workbench } from "../../sim/board/workbench";
import { World } from "../../sim/world/world";
import { stage } from "./host-stand-in";

/** One for the whole process: the `timer` module keeps its list. */
export const clock = new VirtualClock();
let board: Board;
/** Services keep the board of a boot: here it is the board of the latest `bench`. */
const anyBoard = new Proxy({} as Board, {
	get: (_, name: keyof Board) => (board[name] as (...args: never[]) => unknown).bind(board),
});

const context: NodeContext = {
	machine: () => machine as never,
	clock,
	board: anyBoard,
	network: undefined as never,
	storage: undefined as never,
	settings: {},
	wiring: { pin: { led: 2, button: 0 }, i2c: { default: { data: 21, clock: 22 } } },
	target: "test",
	boardName: "test",
	hostName: "test",
	uniqueId: "0a0000000001",
	resetReason: "power-on",
	heap: 65536,
	version: "0.0.0",
	retained: {},
	restart: () => {},
	shutdownDone: () => {},
	log: () => {},
	random: (count) => new Uint8Array(count),
};
const machine = {
	time: undefined,
	dateOffset: 0,
	dispatch: (handle: number, event: number, a: never, b: never, c: never) => stage.listener?.(handle, event, a, b, c),
};

let host: Host | undefined;

/** Lets so many ms pass. */
export async function run(milliseconds: number): Promise<void> {
	await clock.run(clock.now() + milliseconds);
}

type Parts = Partial<Pick<NodeDescription, "lights" | "relays" | "sensors" | "buttons" | "board">>;

/** A new board with these parts of a node.ts, and a world for them; what was open on the former board is closed. */
export function bench(parts: Parts = {}, seed = 1): { workbench: Workbench; world: World } {
	const world = new World({ clock, seed });
	const node = describe({
		schema: 1,
		id: "bench",
		name: "Bench",
		board: "esp32-devkitc",
		telemetry: { interval: 10 },
		lights: {},
		relays: {},
		sensors: {},
		buttons: {},
		...parts,
	} as NodeDescription);
	const workbench = new Workbench(node, { clock, world, seed });
	board = workbench.board;
	host ??= new Host(context, [systemService, boardService]);
	board.boot(host.clock);
	stage.call = (operation, ...args) => host!.call(operation, ...args);
	return { workbench, world };
}

/** The classes of `device.io` and `device.system`, on the board of the latest `bench`. */
export const { default: Digital } = await import("../../hosts/shared/embedded/io/digital");
export const { default: DigitalBank } = await import("../../hosts/shared/embedded/io/digitalbank");
export const { default: Analog } = await import("../../hosts/shared/embedded/io/analog");
export const { default: PWM } = await import("../../hosts/shared/embedded/io/pwm");
export const { default: I2C } = await import("../../hosts/shared/embedded/io/i2c");
export const { default: SMBus } = await import("../../hosts/shared/embedded/io/smbus");
export const { default: LightStrip } = await import("../../hosts/shared/embedded/light-strip");
export const { default: PulseWire } = await import("../../hosts/shared/embedded/pulse-wire");
export const { default: SHT3x } = await import("../../hosts/desktop/sensor/sht3x");
export const { default: AHT10 } = await import("../../hosts/desktop/sensor/aht10");
export const { default: BMP280 } = await import("../../hosts/desktop/sensor/bmp280");
export const { default: TMP117 } = await import("../../hosts/desktop/sensor/tmp117");
export const { default: BME280 } = await import("../../modules/driver/bme280/bme280");
export const { default: BH1750 } = await import("../../modules/driver/bh1750/bh1750");
export const { default: DHT22 } = await import("../../modules/driver/dht22/dht22");
export const { default: DS18B20 } = await import("../../modules/driver/ds18b20/ds18b20");
export const { search } = await import("../../modules/driver/ds18b20/search");
export const { default: Light } = await import("../../modules/driver/light/light");
export const { PushButton } = await import("../../modules/driver/push-button/push-button");
