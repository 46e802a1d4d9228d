import { existsSync, readFileSync } from "node:fs";
import { UsageError } from "../../sim/usage";
import { loadNode } from "../load-node";
import { daysLeft } from "./authority";
import { BrokerError } from "./broker-error";
import * as changes from "./changes";
import { BrokerFolder } from "./folder";
import { type BrokerOptions, parseBrokerOptions, usage } from "./options";
import { refuses, reload, runningBroker, takeOver } from "./running";

/** `vagalume broker`: resolves to the exit status. */
export async function run(args: readonly string[]): Promise<number> {
	if (args.length === 0 || args.includes("--help") || args.includes("-h")) {
		process.stdout.write(usage);
		return 0;
	}
	try {
		const options = parseBrokerOptions(args);
		return await act(options);
	} catch (error) {
		const wrong = error instanceof UsageError;
		if (!wrong && !(error instanceof BrokerError)) throw error;
		const advice = wrong ? "('vagalume broker --help' lists the options)\n" : "";
		process.stderr.write(`vagalume broker: ${error.message}\n${advice}`);
		return wrong ? 2 : 1;
	}
}

async function act(options: BrokerOptions): Promise<number> {
	const { action, dir } = options;
	if (action === "init") return init(options);
	const folder = BrokerFolder.open(dir);
	if (action === "run") return (await import("./run")).runBroker(folder, options);
	if (action === "test") return (await import("./trial")).tryBroker(folder);
	if (action === "list") return list(folder);
	if (action === "push") return (await import("./host")).push(folder, options.name!);
	if (action === "cloud-init") {
		process.stdout.write((await import("./host")).userData(folder, options.email));
		return 0;
	}
	return folder.alone(() => change(folder, options));
}

async function init({ dir, hosts }: BrokerOptions): Promise<number> {
	if (!hosts) throw new UsageError("--host NAME,... is missing: the names and IP addresses that clients know it by");
	const folder = new BrokerFolder(dir);
	if (folder.exists)
		throw new BrokerError(
			`${dir} is a broker already, and is not overwritten: go on with it, or give --dir another folder`,
		);
	const { node } = await loadNode();
	await folder.alone(() => changes.init(folder, hosts, node));
	say(`${folder.path}  is for you alone: it has the keys of the broker\n${folder.authorities}  is for all clients`);
	return 0;
}

async function change(folder: BrokerFolder, options: BrokerOptions): Promise<number> {
	const { action, name = "" } = options;
	switch (action) {
		case "add-node":
			await changes.addNode(folder, name, await validNode(), options.certificate);
			break;
		case "add-user":
			await changes.addUser(folder, name, options.role, options.certificate);
			break;
		case "update-node":
			await changes.updateNode(folder, name, await validNode());
			break;
		case "revoke":
			return revoke(folder, name);
		case "rotate":
			if (options.authority) await changes.rotateAuthority(folder, options.authority);
			else if (name !== "") await changes.rotateUser(folder, name);
			else await changes.rotateServer(folder, options.hosts);
			break;
	}
	if (name !== "") tellSecrets(folder, name);
	if (options.authority === "begin") say(`give ${folder.authorities} to all clients, then: rotate --authority switch`);
	if (options.authority === "switch")
		say("give clients with certificates the new ones, then: rotate --authority finish");
	const running = runningBroker(folder);
	if (running) {
		reload(running);
		say("the broker that runs has been told");
		if (action === "rotate" && (options.authority === "switch" || (!options.authority && name === "")))
			say("over WebSocket it shows the new certificate when it is started again");
	}
	return 0;
}

async function revoke(folder: BrokerFolder, name: string): Promise<number> {
	const file = folder.client(name, "password");
	const password = existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
	await changes.revoke(folder, name);
	const running = runningBroker(folder);
	if (running) {
		// First the session, as long as its will may still be published; a client that comes back at once meets the reload.
		await takeOver(folder, running, name).catch(() => {});
		reload(running);
		// Without his password nothing is proved: any broker refuses another one.
		if (password !== undefined && !(await refuses(folder, running, name, password)))
			throw new BrokerError(
				`"${name}" is revoked, but the broker on port ${running.port} did not take it over: restart it`,
			);
	}
	folder.removeClient(name);
	const seen = password === undefined ? "has been told (the password is not here to try it)" : "refuses that user";
	say(`"${name}" is revoked${running ? `; the broker that runs ${seen}` : ""}`);
	return 0;
}

function list(folder: BrokerFolder): number {
	const { users, hosts, authorities } = folder.read();
	const end = (file: string) => `ends in ${daysLeft(readFileSync(file, "utf8"))} days`;
	say(`server     ${end(folder.server)}: ${hosts.join(", ")}`);
	say(
		`authority  ${end(folder.authorities)}${authorities.step === "settled" ? "" : ` (a change has ${authorities.step})`}`,
	);
	for (const [name, { kind, base, certificates }] of Object.entries(users)) {
		const file = folder.client(name, "client.crt");
		const certificate = certificates.length === 0 ? "" : existsSync(file) ? `certificate ${end(file)}` : "certificate";
		say(`${kind.padEnd(13)}  ${name.padEnd(16)}  ${base ?? ""}  ${certificate}`.trimEnd());
	}
	return 0;
}

function tellSecrets(folder: BrokerFolder, name: string): void {
	for (const file of ["password", "client.crt", "client.key"] as const)
		if (existsSync(folder.client(name, file))) say(folder.client(name, file));
}

/** Throws BrokerError. */
async function validNode() {
	const { node, faults } = await loadNode();
	if (faults.length > 0) throw new BrokerError(`node.ts: ${faults.join("; ")}`);
	return node;
}

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}
