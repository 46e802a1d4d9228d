import type { Checker } from "./checker";
import { show } from "./pins";
import { utf8Length } from "./topics";

/** How the broker is found on the local network (DNS-SD, RFC 6763). */
export interface BrokerDiscovery {
	/** True: `_secure-mqtt._tcp`, with TLS. False by default: `_mqtt._tcp`. */
	readonly secure?: boolean;
	/** The name under which it is advertised, where there are several: 1..63 bytes of UTF-8. Any one without it. */
	readonly name?: string;
	/**
	 * With `secure`: the name that its certificate must carry. The name of the computer that is found (`raspberrypi.local`) when omitted:
	 * then the settings have to name an authority (CA), because any computer can call itself as it likes.
	 */
	readonly host?: string;
}

/** Bytes of a label (RFC 1035 §2.3.4). */
const LONGEST_INSTANCE = 63;
const LONGEST_HOST = 253;

/** `_mqtt._tcp` or `_secure-mqtt._tcp`: as IANA registered them. */
export function serviceOf({ secure }: BrokerDiscovery): string {
	return secure ? "_secure-mqtt._tcp" : "_mqtt._tcp";
}

export function checkDiscovery(check: Checker, value: unknown): void {
	const discover = check.members("broker.discover", value, ["secure", "name", "host"]);
	if (!discover) return;
	const { secure, name, host } = discover;
	if (secure !== undefined) check.boolean("broker.discover.secure", secure);
	if (name !== undefined) {
		const bytes = typeof name === "string" ? utf8Length(name) : undefined;
		if (bytes === undefined || bytes < 1 || bytes > LONGEST_INSTANCE)
			check.add("broker.discover.name", `${show(name)} is not a text of 1..${LONGEST_INSTANCE} bytes of UTF-8`);
		else if ([...(name as string)].some((character) => character < " " || (character > "~" && character < "\xa0")))
			check.add("broker.discover.name", `${show(name)} has control characters, nobody is found by such a name`);
	}
	if (host === undefined) return;
	if (typeof host !== "string" || host.length > LONGEST_HOST || !/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(host))
		check.add("broker.discover.host", `${show(host)} is not a name such as broker.local`);
	else if (secure !== true)
		check.add("broker.discover.host", "needs secure: true, without TLS there is no certificate");
}

/** What the settings lack for it, or must not have; a line each. */
export function problemsOfDiscovery(
	{ secure, host }: BrokerDiscovery,
	settings: { readonly ca?: unknown; readonly password?: unknown; readonly token?: unknown },
): string[] {
	if (!secure) {
		const secret = settings.password !== undefined ? "password" : settings.token !== undefined ? "token" : undefined;
		if (secret === undefined) return [];
		return [`broker.discover.secure: true is needed with a ${secret}, or whoever answers on the network gets it`];
	}
	if (settings.ca !== undefined || host !== undefined) return [];
	return ["settings.ca: missing, broker.discover.secure needs the broker's authority, or broker.discover.host"];
}
