import { addressOf, isPort, LONGEST_URL } from "./http-address";

/** A service that gives tokens for a client's secret: the client credentials grant of OAuth 2.0 (RFC 6749 §4.4). */
export interface TokenService {
	/** Its token endpoint: `https://host/path`. */
	readonly url: string;
	/** The client that the service knows the node, or all of an owner's nodes, as. */
	readonly client: string;
	readonly secret: string;
	/** What the token shall be good for (RFC 6749 §3.3): words with spaces between. */
	readonly scope?: string;
	/** `url` may be http://, too: for trials without certificates. Whoever listens then has the secret. */
	readonly overHTTP?: boolean;
}

const MEMBERS: readonly string[] = Object.freeze(["url", "client", "secret", "scope", "overHTTP"]);
const LONGEST_TEXT = 256;

/** What is wrong with a token service, one line each, without its secret; `name` is what it is called there. */
export function problemsOfTokenService(service: unknown, name: string): string[] {
	if (typeof service !== "object" || service === null)
		return [`${name}: expected an object with url, client and secret`];
	const { url, client, secret, scope, overHTTP } = service as Partial<TokenService>;
	const problems: string[] = [];
	const address = addressOf(url);
	if (!address || !isPort(address.port))
		problems.push(`${name}.url: expected https://host/path of at most ${LONGEST_URL} characters`);
	else if (!address.secure && overHTTP !== true)
		problems.push(`${name}.url: is http://, expected https:// (${name}.overHTTP: true allows it)`);
	if (!isText(client)) problems.push(`${name}.client: ${expected}`);
	if (!isText(secret)) problems.push(`${name}.secret: ${expected}`);
	if (scope !== undefined && !isText(scope)) problems.push(`${name}.scope: ${expected}`);
	if (overHTTP !== undefined && typeof overHTTP !== "boolean")
		problems.push(`${name}.overHTTP: expected true or false`);
	for (const member of Object.keys(service))
		if (!MEMBERS.includes(member))
			problems.push(`${name}.${member.slice(0, 20)}: unknown, expected ${MEMBERS.join(", ")}`);
	return problems;
}

const expected = `expected 1..${LONGEST_TEXT} characters of printable ASCII`;

function isText(value: unknown): boolean {
	return typeof value === "string" && value.length <= LONGEST_TEXT && /^[ -~]+$/.test(value);
}
