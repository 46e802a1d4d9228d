/** The board on which the contract runs: two wires, a voltage, and the parts that the suites of IO and sensors ask for. */
import type { Clock } from "../../hosts/shared/clock";
import { describe } from "../../modules/description/description";
import { SUPPLY } from "../../sim/board/pin";
import type { VirtualBoard } from "../../sim/board/virtual-board";
import { Workbench } from "../../sim/board/workbench";
import { World } from "../../sim/world/world";
import type { Bench } from "../contract/bench";
import type { BoardFixtures } from "../contract/board-fixtures";

const bus = { data: 21, clock: 22, hz: 100_000 };
const wires = [
	{ output: 12, input: 13 },
	{ output: 14, input: 15 },
];
const ANALOG = 32;
const SHARE = 1 / 3;

const node = describe({
	schema: 1,
	id: "contract",
	name: "Contract",
	board: "esp32-devkitc",
	telemetry: { interval: 10 },
	lights: {},
	relays: {},
	buttons: {},
	sensors: {
		sht3x: { driver: "SHT3x", channels: {} },
		aht10: { driver: "AHT10", channels: {} },
		bmp280: { driver: "BMP280", channels: {} },
		tmp117: { driver: "TMP117", channels: {} },
	},
});

const fixtures: BoardFixtures = {
	free: 16,
	inputOnly: 35,
	analog: { pin: ANALOG, share: SHARE },
	tmp117: { ...bus, address: 0x48, absent: 0x50 },
	sensors: {
		SHT3x: { ...bus, address: 0x44 },
		AHT10: { ...bus, address: 0x38 },
		BMP280: { ...bus, address: 0x76 },
		TMP117: { ...bus, address: 0x48 },
	},
};

/** What the host announces of it: members of `Bench`. */
export const boardBench: Partial<Bench> = { wires, board: fixtures };

export function contractBoard(clock: Clock): VirtualBoard {
	const { board } = new Workbench(node, { clock, world: new World({ clock, seed: 1 }), seed: 1 });
	for (const { output, input } of wires) board.wire(output, input);
	board.pin(ANALOG).connect(() => SHARE * SUPPLY);
	return board;
}
