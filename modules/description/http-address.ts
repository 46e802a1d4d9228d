/** Characters of a URL of a web server, for settings and announcements. */
export const LONGEST_URL = 512;

/** The parts of a URL by http or https. */
export interface HTTPAddress {
	readonly secure: boolean;
	readonly host: string;
	/** 0..99,999, as it stands there: `isPort` says whether it is one. */
	readonly port: number;
	/** With its query. */
	readonly path: string;
}

export function isPort(port: number): boolean {
	return port >= 1 && port <= 65_535;
}

/** Undefined: it is no `http(s)://host:port/path` of printable ASCII, with at most LONGEST_URL characters and no fragment. */
export function addressOf(url: unknown): HTTPAddress | undefined {
	if (typeof url !== "string" || url.length > LONGEST_URL) return undefined;
	const [, scheme, bracketed, plain, digits, path = "/"] =
		/^(https?):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::([0-9]{1,5}))?(\/[!-~]*)?$/.exec(url) ?? [];
	if (scheme === undefined || path.includes("#")) return undefined;
	const secure = scheme === "https";
	const port = digits === undefined ? (secure ? 443 : 80) : Number(digits);
	return { secure, host: (bracketed ?? plain)!, port, path };
}
