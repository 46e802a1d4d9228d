/**
 * What MQTT costs: `npm run bench -- mqtt`. With a checkout of the Moddable SDK in the environment variable MODDABLE, the
 * SDK's own client is measured beside ours.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Rom } from "../../hosts/desktop/engine/index";
import { InsideError, insideRom } from "../support/inside";
import { type Cost, holdings, messageCost, type Traffic } from "../support/mqtt-costs";
import { textTable, thousands } from "../support/table";

/** As long as those that the goals were set with: 23 and 29 bytes. */
const topics = { publish: "casa/sala/temperatura/1", receive: "casa/sala/led/onboard/set/abc" };

/** Units and slots of the client that issue 3 asks for, by direction, QoS and bytes of payload. */
const goals: Record<string, readonly [units: number, slots: number]> = {
	"publish 0 20": [300, 8],
	"publish 1 20": [700, 16],
	"receive 0 2": [800, 16],
};

/** `undefined` when the program cannot do it. */
function costOf(rom: Rom | undefined, traffic: Traffic): Cost | undefined {
	if (!rom) return undefined;
	try {
		return messageCost(rom, traffic);
	} catch (error) {
		if (error instanceof InsideError) return undefined;
		throw error;
	}
}

function moddableRom(): Rom | undefined {
	const folder = process.env["MODDABLE"];
	if (!folder) return undefined;
	const file = join(folder, "examples/io/tcp/mqttclient/mqttclient");
	if (existsSync(`${file}.js`)) return insideRom("mqtt-costs", file);
	process.stderr.write(`bench: MODDABLE: ${file}.js is missing\n`);
	return undefined;
}

function costRows(rom: Rom, moddable: Rom | undefined): string[][] {
	const rows: string[][] = [];
	for (const layer of ["client", "session"] as const) {
		for (const direction of ["publish", "receive"] as const) {
			for (const QoS of [0, 1, 2] as const) {
				for (const size of [2, 20, 200, 2000]) {
					const traffic = { layer, direction, QoS, size, topic: topics[direction] };
					const ours = costOf(rom, traffic);
					const goal = layer === "client" ? goals[`${direction} ${QoS} ${size}`] : undefined;
					const theirs = layer === "client" ? costOf(moddable, traffic) : undefined;
					const row = [
						`${layer} ${direction} QoS ${QoS}, ${thousands(size)} B`,
						ours ? thousands(ours.units) : "-",
						goal ? `<= ${goal[0]}${verdict(ours?.units, goal[0])}` : "",
						ours ? thousands(ours.slots) : "-",
						goal ? `<= ${goal[1]}${verdict(ours?.slots, goal[1])}` : "",
						ours ? thousands(ours.chunks) : "-",
						ours ? thousands(ours.bytes) : "-",
					];
					if (moddable) row.push(theirs ? thousands(theirs.units) : "", theirs ? thousands(theirs.slots) : "");
					rows.push(row);
				}
			}
		}
	}
	return rows;
}

function verdict(value: number | undefined, goal: number): string {
	return value !== undefined && value <= goal ? " ok" : " NO";
}

/** Prints tables. */
export async function bench(): Promise<void> {
	const rom = insideRom("mqtt-costs");
	const moddable = moddableRom();
	console.log(
		"A message inside XS 13.3, from the first call to the last acknowledgement (a socket that swallows everything):\n",
	);
	const head = ["message", "units", "goal", "slots", "goal", "chunk bytes", "peak bytes"];
	if (moddable) head.push("Moddable: units", "slots");
	console.log(textTable(head, costRows(rom, moddable)));
	console.log(
		"\nWhat the heap holds, in bytes as on the board (16 a slot, and the chunks), on a heap of 65,536 bytes:\n",
	);
	const held = holdings(rom);
	const rows = [
		["client, connected", thousands(held.client), "", ""],
		["session, connected, two filters, idle", thousands(held.session), "<= 8,192", thousands(held.sessionPeak)],
		["100 messages of 20 B in flight, beside it", thousands(held.inFlight), "<= 24,576", thousands(held.inFlightPeak)],
	];
	console.log(textTable(["what", "bytes", "goal", "peak bytes"], rows));
}
