import type { Rights, Role } from "../../deploy/mosquitto/rights";
import type { Revoked } from "./authority";

/** Somebody whom the broker lets in. */
export interface User {
	readonly kind: "node" | Role;
	/** Of the password, in Mosquitto's form. */
	readonly hash: string;
	/** Serial numbers of the client certificates that are his. */
	readonly certificates: readonly string[];
	/** A node's: from node.ts, as it was when the node was added or updated. Roles have theirs from all nodes. */
	readonly rights?: Rights;
	/** A node's `<base>`, with and without its id. */
	readonly base?: string;
	readonly template?: string;
	/** Where it announces itself to Home Assistant. */
	readonly discovery?: string;
}

/** Everything about a broker that its other files follow from. Kept in `broker.json`. */
export interface BrokerState {
	readonly schema: 1;
	/** What the server's certificate is for. */
	readonly hosts: readonly string[];
	/** The base and the discovery prefix of node.ts: what roles have rights over before there are nodes. */
	readonly template: string;
	readonly discovery: string;
	/** Certificate authorities by number, as in `authority/N.crt`: who signs, and whom clients and broker are to trust. */
	readonly authorities: { readonly signs: number; readonly trusted: readonly number[]; readonly step: Step };
	readonly users: Readonly<Record<string, User>>;
	readonly revoked: readonly Revoked[];
	/** Hash of the password of the tool's own user. */
	readonly control: string;
}

/** The name by which the local network finds the broker: the first one in `.local`. */
export function localName({ hosts }: Pick<BrokerState, "hosts">): string | undefined {
	return hosts.find((host) => /\.local$/i.test(host));
}

/** Where a change of the authority has come to. */
export type Step = "settled" | "begun" | "switched";

/** The user that health checks and this tool are. */
export const CONTROL = "vagalume-control";
/** Where it may write and read, to see that messages get through. */
export const CONTROL_TOPICS = "vagalume-control/#";
