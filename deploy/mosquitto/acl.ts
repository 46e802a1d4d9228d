import type { Rights } from "./rights";

/**
 * Mosquitto's `acl_file`: one `user` block each, and nothing outside of them, so that whoever is not named has no rights.
 * Throws RangeError for names and topics that the file's format cannot hold.
 */
export function aclFile(users: Iterable<readonly [name: string, rights: Rights]>): string {
	const blocks = [...users].map(([name, { read, write }]) => {
		const both = write.filter((filter) => read.includes(filter));
		const lines = [
			...both.map((filter) => `topic readwrite ${checked(filter)}`),
			...write.filter((filter) => !both.includes(filter)).map((filter) => `topic write ${checked(filter)}`),
			...read.filter((filter) => !both.includes(filter)).map((filter) => `topic read ${checked(filter)}`),
		];
		return [`user ${checked(name)}`, ...lines].join("\n");
	});
	return `# Written by 'vagalume broker': changes made here are lost.\n\n${blocks.join("\n\n")}\n`;
}

/** Mosquitto's `password_file`. */
export function passwordFile(users: Iterable<readonly [name: string, hash: string]>): string {
	return [...users].map(([name, hash]) => `${name}:${hash}\n`).join("");
}

/** The format ends a value at the end of its line, and strips the spaces around it. */
function checked(text: string): string {
	if (text === "" || text.trim() !== text || /\p{Cc}/u.test(text))
		throw new RangeError(`"${text}": an access list cannot hold it (control characters, or spaces at an end)`);
	return text;
}
