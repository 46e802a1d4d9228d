import type { KeyValueStorage } from "embedded:storage/key-value";
import { type Log, messageOf } from "../log/log";

/** The key-value domain of what a node remembers about itself. */
export const NODE_DOMAIN = "node";
const KEY = "boots";

/** Counts this boot in flash and returns how many there were, this one included; 1 when the flash cannot be used. */
export function countBoot(storage: KeyValueStorage, log: Log): number {
	let boots = 1;
	try {
		const domain = storage.open({ path: NODE_DOMAIN, mode: "r+", format: "uint32" });
		try {
			boots = ((domain.read(KEY) as number | undefined) ?? 0) + 1;
			domain.write(KEY, boots);
		} finally {
			domain.close();
		}
	} catch (error) {
		log.warn(`boot not counted: ${messageOf(error)}`);
	}
	return boots;
}
