import type { ResetReason } from "embedded:provider/builtin";
import { type Folder, replaceFile } from "../../hosts/shared/folder";
import { decodeText, encodeText } from "../../hosts/shared/utf8";

/** What goes on through a restart: the machine, and the world within it, are made anew. */
export interface RestartRecord {
	readonly reason: ResetReason;
	/** Of the node's clock (ms). */
	readonly dateOffset: number | undefined;
	/** Lines that still hold: what was set, unplugged, switched off. */
	readonly orders: readonly string[];
}

const NAME = "restart.json";

export function saveRestart(folder: Folder, record: RestartRecord): void {
	replaceFile(folder, NAME, encodeText(JSON.stringify(record)));
}

/** The record of the restart that led to this boot; undefined when the power came on. It counts once. */
export function takeRestart(folder: Folder): RestartRecord | undefined {
	const bytes = folder.load(NAME);
	if (!bytes) return undefined;
	folder.delete(NAME);
	try {
		return JSON.parse(decodeText(bytes)) as RestartRecord;
	} catch {
		return undefined;
	}
}

/** The lines that still hold after `line`: a later one about the same thing takes the place of the earlier. */
export function holding(orders: readonly string[], line: string): string[] {
	const [word = "", what = ""] = line.trim().split(/\s+/);
	const subject = subjects[word]?.(what);
	if (subject === undefined) return [...orders];
	const others = orders.filter((order) => {
		const [first = "", second = ""] = order.trim().split(/\s+/);
		return subjects[first]?.(second) !== subject;
	});
	return word === "release" || word === "plug" ? others : [...others, line];
}

/** What an order is about; orders that are not here hold no longer than a moment. */
const subjects: Readonly<Record<string, (what: string) => string>> = Object.freeze({
	set: (what: string) => `world ${what}`,
	release: (what: string) => `world ${what}`,
	unplug: (what: string) => `sensor ${what}`,
	plug: (what: string) => `sensor ${what}`,
	wifi: (what: string) => (what === "up" || what === "down" ? "air" : "signal"),
});
