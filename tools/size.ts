import { basename, join, relative } from "node:path";
import type { Statistics } from "../hosts/desktop/engine";
import { FirmwareLoader } from "../hosts/desktop/firmware/loader";
import type { NodeDescription } from "../modules/description/description";
import { insideRom } from "../test/support/inside";
import { type Holding, holdings } from "../test/support/mqtt-memory";
import { type SignatureCosts, signatureCosts } from "../test/support/signature-costs";
import { type UpdateHeap, updateHeap } from "../test/support/update-heap";
import { measureRest } from "./measure";
import { committedHeap, type HeapFigures, type ModdableFigures } from "./moddable/heap";
import { root } from "./root";
import { table } from "./tables";

const folder = "modules/mqtt";

/** Each layer is what its file imports, without the layers before it. */
const layers = [
	["packet", ["packet/encoder", "packet/decoder"]],
	["client", ["client"]],
	["session", ["session"]],
	["WebSocket", ["transport/websocket-socket"]],
	["StandardClient", ["standard-client"]],
] as const;

/** Files that only MQTT 5.0 needs. */
const modern: readonly string[] = [
	"packet/modern.ts",
	"packet/properties.ts",
	"packet/property-decoder.ts",
	"packet/property-scanner.ts",
	"packet/property-table.ts",
	"packet/reasons.ts",
	"agreement.ts",
];

const number = new Intl.NumberFormat("en");

/** Files of modules/mqtt that a file imports, directly or not, itself included; relative to modules/mqtt. */
function filesOf(loader: FirmwareLoader, name: string, found = new Set<string>()): Set<string> {
	const file = join(root, folder, name);
	const path = relative(join(root, folder), file);
	if (path.startsWith("..") || found.has(path)) return found;
	found.add(path);
	for (const imported of loader.imports(file)) filesOf(loader, relative(join(root, folder), imported), found);
	return found;
}

/** Byte code of modules/mqtt, a line a layer and version, as a Markdown table. */
function codeTable(code: ReadonlyMap<string, { readonly bytes: number; readonly lines: number }>): string {
	const loader = new FirmwareLoader(root);
	const rows: string[][] = [];
	const counted = new Set<string>();
	let total = 0;
	const row = (layer: string, files: readonly string[]) => {
		if (files.length === 0) return;
		const sizes = files.map((file) => {
			const { bytes, lines } = code.get(`${folder}/${file}`)!;
			return [basename(file, ".ts"), bytes - lines] as const;
		});
		const sum = sizes.reduce((bytes, [, size]) => bytes + size, 0);
		total += sum;
		const parts = sizes.sort((a, b) => b[1] - a[1]).map(([name, size]) => `\`${name}\` ${number.format(size)}`);
		rows.push([layer, number.format(sum), parts.join(", ")]);
	};
	for (const [layer, entries] of layers) {
		const files = new Set(entries.flatMap((entry) => [...filesOf(loader, `${entry}.ts`)]));
		const own = [...files].filter((file) => !counted.has(file));
		for (const file of own) counted.add(file);
		row(
			layer,
			own.filter((file) => !modern.includes(file)),
		);
		row(
			`${layer}, 5.0 only`,
			own.filter((file) => modern.includes(file)),
		);
	}
	rows.push(["all", number.format(total), ""]);
	return table(["layer", "bytes of code", "of which"], rows);
}

/** What the heap holds, as a Markdown table. */
function heapTable(held: Holding, modern: Holding): string {
	const bytes = (name: keyof Holding) =>
		[held, modern].map((one) => (one[name] === undefined ? "-" : number.format(one[name])));
	return table(
		["what", "bytes of heap", "MQTT 5.0"],
		[
			["client, connected", ...bytes("client")],
			["session, connected, two filters subscribed, idle", ...bytes("session")],
			["the same at most, garbage included, from its making to SUBACK", ...bytes("sessionPeak")],
			["each further filter, subscribed (its handler is yours)", ...bytes("subscription")],
			["each message of 20 bytes that waits offline, QoS 1", ...bytes("queued")],
			["each message of 20 bytes in flight, QoS 1", ...bytes("inFlight")],
			["... QoS 2, before PUBREC", ...bytes("inFlightTwice")],
			["... QoS 2, after PUBREC", ...bytes("released")],
			["100 messages of 20 bytes in flight, QoS 1", ...bytes("hundredInFlight")],
		],
	);
}

/** What a check costs, as a Markdown table. */
function signatureTable(costs: SignatureCosts, update: UpdateHeap, overHTTP: UpdateHeap): string {
	const { units, step, events, held, peak, hashPerKilobyte } = costs;
	/** Compute depends a little on the key. */
	const rounded = (value: number, to: number) => number.format(Math.ceil(value / to) * to);
	return table(
		["what", ""],
		[
			["Ed25519, the check of a message of 1 KB", `${rounded(units, 500_000)} units at most, in ${events} events`],
			["its longest event", `${rounded(step, 100_000)} units (an event may take 25,000,000)`],
			["heap between two events", `${number.format(held)} bytes`],
			["heap at most, garbage included", `${rounded(peak, 1_000)} bytes`],
			["SHA-256 in script, each KB", `${rounded(hashPerKilobyte, 1_000)} units`],
			["slots and chunks of the whole node, at most, before it", `${rounded(update.before, 1_000)} bytes`],
			["the same, through a whole update over MQTT", `${rounded(update.peak, 1_000)} bytes`],
			["the same, over HTTP (TLS, on a computer, takes none of it)", `${rounded(overHTTP.peak, 1_000)} bytes`],
		],
	);
}

/** What the whole node holds, under the SDK as measured last and on the desktop host now, as a Markdown table. */
function nodeTable(moddable: ModdableFigures | undefined, desktop: Statistics): string {
	const row = (where: string, { slots, chunks, stack }: HeapFigures) => [
		where,
		number.format(slots),
		number.format(chunks),
		number.format(slots + chunks),
		`${stack} slots`,
	];
	const { slots, chunks, stackPeak } = desktop;
	const rows = [row("desktop host, XS 13.3", { slots, chunks, stack: stackPeak })];
	if (moddable) {
		const { engine, mqtt, tls } = moddable;
		rows.push(row(`Moddable SDK (\`lin\`), XS ${engine}`, mqtt), row("the same over TLS", tls));
	}
	return table(["where", "slots, bytes", "chunks, bytes", "in all", "stack, deepest"], rows);
}

/** The generated parts of docs/size.md, by name. */
export async function sizeTables(node: NodeDescription): Promise<Record<string, string>> {
	const rom = insideRom("mqtt-costs");
	const tables = { code: codeTable(rom.code), heap: heapTable(holdings(rom), holdings(rom, 5)) };
	rom.close();
	const signatures = insideRom("signature");
	const signature = signatureTable(signatureCosts(signatures), await updateHeap(node), await updateHeap(node, "HTTP"));
	signatures.close();
	return { ...tables, signature, node: nodeTable(committedHeap(), await measureRest(node)) };
}
