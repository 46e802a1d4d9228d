import { pbkdf2Sync } from "node:crypto";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { certificateFile, withoutOpenssl } from "../certificates";
import { freePort } from "../free-port";
import { Mosquitto, withoutMosquitto } from "../mosquitto";
import { type Broker, forbidden, limit, user } from "./broker";

/** The only access control of mosquitto 2.0 that can refuse a subscription: an `acl_file` lets all of them pass. */
const plugin = "mosquitto_dynamic_security.so";
const pluginFile = findPlugin();

/** For the `skip` option of a test: why it cannot run here, or false. */
export const withoutSecureMosquitto: string | false =
	withoutMosquitto || withoutOpenssl || (pluginFile ? false : `mosquitto's ${plugin} is not installed`);

/** A mosquitto with TCP, TLS and WebSocket listeners, and access control. `settings`: further lines of mosquitto.conf. */
export async function startMosquitto(settings: readonly string[] = []): Promise<Broker> {
	const [port, securePort, websocketPort] = [await freePort(), await freePort(), await freePort()];
	const lines = [
		`listener ${websocketPort} 127.0.0.1`,
		"protocol websockets",
		`listener ${securePort} 127.0.0.1`,
		`certfile ${certificateFile("server.pem")}`,
		`keyfile ${certificateFile("server.key")}`,
		// Opened last: the one that is waited for.
		`listener ${port} 127.0.0.1`,
		`plugin ${pluginFile}`,
		"plugin_opt_config_file access.json",
		// It saves when it ends: once for each message would take most of the time.
		"autosave_on_changes false",
		"autosave_interval 1800",
		`max_packet_size ${limit}`,
		...settings,
	];
	const broker = await Mosquitto.prepare(lines, port);
	writeFileSync(join(broker.directory, "access.json"), JSON.stringify(access()));
	await broker.start();
	return Object.assign(broker, { securePort, websocketPort });
}

/** Users and what they may do. A client without a user belongs to `anybody`. */
function access(): object {
	const rules = ["publishClientSend", "publishClientReceive", "subscribePattern", "unsubscribePattern"];
	const acls = rules.flatMap((acltype) => [
		{ acltype, topic: `${forbidden}/#`, priority: 1, allow: false },
		{ acltype, topic: "#", priority: 0, allow: true },
		{ acltype, topic: "$vagalume/#", priority: 0, allow: true },
		{ acltype, topic: "$CONTROL/#", priority: 0, allow: true },
	]);
	const roles = [{ rolename: "guest" }];
	const salt = Buffer.from("twelve bytes");
	const iterations = 101;
	const password = pbkdf2Sync(user.password, salt, iterations, 64, "sha512").toString("base64");
	return {
		clients: [{ username: user.name, password, salt: salt.toString("base64"), iterations, roles }],
		groups: [{ groupname: "anybody", clients: [], roles }],
		anonymousGroup: "anybody",
		roles: [{ rolename: "guest", acls }],
	};
}

function findPlugin(): string | undefined {
	const folders = ["/usr/lib", "/usr/local/lib", "/opt/homebrew/lib"].filter((folder) => existsSync(folder));
	const deeper = folders.flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`));
	return [...folders, ...deeper].map((folder) => `${folder}/${plugin}`).find((file) => existsSync(file));
}
