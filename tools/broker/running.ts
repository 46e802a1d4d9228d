import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import type { BrokerFolder } from "./folder";
import { CONTROL } from "./state";

/** What `run` notes about the mosquitto that it has started. */
export interface RunningBroker {
	readonly pid: number;
	/** Of this machine, by which it can be reached. */
	readonly address: string;
	readonly port: number;
	readonly webSocketPort: number;
	readonly certificatePort: number;
}

const CONNECT = 5_000;

/**
 * The mosquitto that `run` has started for this folder, if it still runs. A process of the same number that is something else
 * is not taken for it: only one that was given this folder's configuration.
 */
export function runningBroker(folder: BrokerFolder): RunningBroker | undefined {
	if (!existsSync(folder.process)) return undefined;
	let noted: RunningBroker;
	try {
		noted = JSON.parse(readFileSync(folder.process, "utf8")) as RunningBroker;
	} catch {
		return undefined;
	}
	if (!Number.isInteger(noted.pid) || noted.pid < 2) return undefined;
	return commandLine(noted.pid).includes(folder.mosquitto("mosquitto.conf")) ? noted : undefined;
}

function commandLine(pid: number): string {
	const file = `/proc/${pid}/cmdline`;
	if (existsSync(file)) return readFileSync(file, "utf8").replaceAll("\0", " ");
	return spawnSync("ps", ["-p", String(pid), "-o", "args="], { encoding: "utf8" }).stdout ?? "";
}

/** Has it read passwords, rights and certificates again. */
export function reload({ pid }: RunningBroker): void {
	process.kill(pid, "SIGHUP");
}

/** How to be a client of a broker of this folder on this machine. */
export function clientOptions(folder: BrokerFolder, user: string, password: string): IClientOptions {
	return {
		ca: readFileSync(folder.authorities, "utf8"),
		// The certificate is for this name, by whichever address it is reached.
		servername: "localhost",
		username: user,
		password,
		connectTimeout: CONNECT,
		reconnectPeriod: 0,
	};
}

function urlOf({ address, port }: RunningBroker): string {
	return `mqtts://${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** Connects once; rejects with the reason when it was not let in. */
export function connectOnce(url: string, options: IClientOptions): Promise<MqttClient> {
	return new Promise((resolve, reject) => {
		const client = mqtt.connect(url, { connectTimeout: CONNECT, reconnectPeriod: 0, ...options });
		let why = new Error("the connection was closed");
		client.on("error", (error) => {
			why = error;
		});
		client.once("connect", () => resolve(client));
		client.once("close", () => {
			client.end(true);
			reject(why);
		});
	});
}

/**
 * Ends the session of a client, with what waited for it: another one takes its identifier (MQTT-3.1.4-2), for a moment and with
 * a clean session. Its will is published.
 */
export async function takeOver(folder: BrokerFolder, broker: RunningBroker, clientId: string): Promise<void> {
	const password = readFileSync(folder.controlPassword, "utf8").trim();
	const options = { ...clientOptions(folder, CONTROL, password), clientId, clean: true };
	const client = await connectOnce(urlOf(broker), options);
	await client.endAsync();
}

/** True once the broker refuses a user who was let in before; false when it has not come to it after `timeout` ms. */
export async function refuses(
	folder: BrokerFolder,
	broker: RunningBroker,
	user: string,
	password: string,
	timeout = 5_000,
): Promise<boolean> {
	for (const end = performance.now() + timeout; performance.now() < end; await sleep(50)) {
		try {
			const options = { ...clientOptions(folder, user, password), clientId: `${CONTROL}-asks` };
			await (await connectOnce(urlOf(broker), options)).endAsync();
		} catch (error) {
			if (/not authori[sz]ed|bad user name/i.test((error as Error).message)) return true;
		}
	}
	return false;
}
