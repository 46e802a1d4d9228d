import { type BrokerDiscovery, problemsOfDiscovery, serviceOf } from "../description/broker-discovery";
import type { NodeDescription } from "../description/description";
import { problemsOfTokenService } from "../description/token-service";
import { baseOf } from "../description/topics";
import { problemOfBase, problemOfBroker, problemOfId, problemOfKeepAlive, validate } from "../description/validate";
import type { Settings } from "../system/system";

/** The broker as the MQTT session needs it. */
export interface BrokerAddress {
	readonly secure: boolean;
	readonly host: string;
	/** 1..65,535 */
	readonly port: number;
	/** MQTT over WebSocket, with the path and its query; `undefined` for MQTT on the socket itself. */
	readonly path?: string;
	/** It is looked for by DNS-SD at each connection; `host` and `port` are those of the service then. */
	readonly discover?: BrokerDiscovery;
}

/** What of a node is settled at boot, from its description and its owner's settings. */
export interface Configuration {
	readonly id: string;
	/** `<base>`: what all topics start with. */
	readonly base: string;
	readonly broker: BrokerAddress;
	/** Seconds. */
	readonly keepAlive: number;
	/** Of MQTT: 4 is 3.1.1. */
	readonly version: 4 | 5;
}

export const DEFAULT_KEEP_ALIVE = 60;
const PORT: Readonly<Record<string, number>> = Object.freeze({ mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 });

/**
 * Checks the description and the settings, which go before it. Throws an Error that names everything that is wrong,
 * one line each.
 */
export function configure(description: NodeDescription, settings: Settings): Configuration {
	const problems = validate(description);
	const id = settings.id ?? description.id;
	const { broker: wanted } = description;
	const named = settings.broker ?? wanted?.url;
	const discover = named === undefined ? wanted?.discover : undefined;
	const url = named ?? settings.defaultBroker;
	const keepAlive = settings.keepAlive ?? wanted?.keepAlive ?? DEFAULT_KEEP_ALIVE;
	const add = (name: string, problem: string | undefined) => {
		if (problem !== undefined) problems.push(`${name}: ${problem}`);
	};
	if (settings.id !== undefined) {
		const problem = problemOfId(id);
		add("settings.id", problem);
		if (problem === undefined && problems.length === 0) add("base", problemOfBase(description.base, id));
	}
	if (discover) problems.push(...problemsOfDiscovery(discover, settings));
	else if (url === undefined)
		problems.push("broker.url: missing, expected mqtt://host:port here or in the node's settings, or broker.discover");
	else if (settings.broker !== undefined) add("settings.broker", problemOfBroker(url));
	if (settings.keepAlive !== undefined) add("settings.keepAlive", problemOfKeepAlive(keepAlive));
	if (settings.password !== undefined && settings.user === undefined)
		problems.push("settings.user: missing, a password needs a user");
	if (settings.token !== undefined) {
		problems.push(...problemsOfTokenService(settings.token, "settings.token"));
		if (settings.password !== undefined) problems.push("settings.password and settings.token: one or the other");
	}
	if ((settings.certificate === undefined) !== (settings.key === undefined))
		problems.push("settings.certificate and settings.key: one needs the other");
	if (problems.length > 0) throw new Error(problems.join("\n"));
	return {
		id,
		base: baseOf(description, id),
		broker: discover ? discovered(discover) : parseBroker(url as string),
		keepAlive,
		version: wanted?.version ?? 4,
	};
}

function discovered(discover: BrokerDiscovery): BrokerAddress {
	const secure = discover.secure ?? false;
	return { secure, host: `${serviceOf(discover)}.local`, port: PORT[secure ? "mqtts" : "mqtt"]!, discover };
}

/** The parts of a broker's URL that `problemOfBroker` found right. */
export function parseBroker(url: string): BrokerAddress {
	const [, scheme = "", bracketed, plain, port, path = "/"] =
		/^(mqtts?|wss?):\/\/(?:\[([^\]]+)\]|([^:/]+))(?::([0-9]+))?(\/.*)?$/.exec(url) ?? [];
	return {
		secure: scheme === "mqtts" || scheme === "wss",
		host: (bracketed ?? plain) as string,
		port: port === undefined ? PORT[scheme]! : Number(port),
		...(scheme.startsWith("ws") && { path }),
	};
}
