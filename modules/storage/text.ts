import type { KeyValueStorage } from "embedded:storage/key-value";

/** What is kept under a key of a key-value domain; undefined: nothing, or something that cannot be read. */
export function readText(storage: KeyValueStorage, path: string, key: string): string | undefined {
	try {
		const domain = storage.open({ path, mode: "r", format: "string" });
		try {
			return domain.read(key) as string | undefined;
		} finally {
			domain.close();
		}
	} catch {
		return undefined;
	}
}
