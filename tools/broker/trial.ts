import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aclFile, passwordFile } from "../../deploy/mosquitto/acl";
import { configuration } from "../../deploy/mosquitto/configuration";
import { hashPassword, newPassword } from "../../deploy/mosquitto/password";
import { type BrokerFolder, hashesOf, rightsOf } from "./folder";
import { MosquittoProcess, requireMosquitto } from "./mosquitto-program";
import { allowed, probes } from "./probes";
import { clientOptions, connectOnce } from "./running";
import { CONTROL } from "./state";
import { type Findings, firstReport, reads, writes } from "./trial-client";

/** A user of the copy alone who may do everything: publishes what others are to read, and sees what they write. */
const WITNESS = "vagalume-witness";

/**
 * `vagalume broker test`: starts a copy of the broker with this folder's files on loopback, so that nobody is disturbed, is each
 * of its users in turn, and compares what the broker lets through with what it should. Resolves to the exit status.
 */
export async function tryBroker(folder: BrokerFolder): Promise<number> {
	requireMosquitto();
	const copy = mkdtempSync(join(tmpdir(), "vagalume-broker-test-"));
	try {
		return await tryCopy(folder, copy);
	} finally {
		rmSync(copy, { recursive: true, force: true });
	}
}

async function tryCopy(folder: BrokerFolder, copy: string): Promise<number> {
	const state = folder.read();
	const [port, webSocketPort, certificatePort] = await freePorts(3);
	const url = `mqtts://localhost:${port}`;
	const rights = new Map(rightsOf(state));
	const hashes = new Map(hashesOf(state));
	const passwords = new Map([[WITNESS, newPassword()]]);
	// The files as they are, not as they should be. Where a password was taken away from here, another one stands for it.
	let users = readFileSync(folder.mosquitto("passwords"), "utf8");
	for (const user of rights.keys()) {
		const file = user === CONTROL ? folder.controlPassword : folder.client(user, "password");
		const kept = existsSync(file);
		const password = kept ? readFileSync(file, "utf8").trim() : newPassword();
		passwords.set(user, password);
		if (!kept) users = users.replace(hashes.get(user)!, () => hashPassword(password));
	}
	users += passwordFile([[WITNESS, hashPassword(passwords.get(WITNESS)!)]]);
	const everything = { read: ["#", "$SYS/#"], write: ["#", "$SYS/#"] };
	const file = (name: string, text: string) => {
		writeFileSync(join(copy, name), text, { mode: 0o600 });
		return join(copy, name);
	};
	const place = {
		bind: "127.0.0.1",
		port: port!,
		webSocketPort: webSocketPort!,
		certificatePort: certificatePort!,
		connections: 20,
		passwords: file("passwords", users),
		acl: file("acl", readFileSync(folder.mosquitto("acl"), "utf8") + aclFile([[WITNESS, everything]])),
		certificate: folder.server,
		key: folder.server,
		clientAuthorities: folder.mosquitto("client-authorities.crt"),
		revoked: folder.mosquitto("revoked.crl"),
		data: `${copy}/`,
		log: "stderr",
		user: process.getuid?.() === 0 ? "root" : undefined,
	};
	const configured = file("mosquitto.conf", `${configuration(place)}\nsys_interval 1\n`);
	let failed = false;
	const broker = await MosquittoProcess.start(configured, "127.0.0.1", port!, 256, () => {});
	try {
		const witness = await connectOnce(url, clientOptions(folder, WITNESS, passwords.get(WITNESS)!));
		await firstReport(witness);
		const topics = probes(rights.values());
		row("user", "enters", "wrong password", "none", "writes", "refused", "reads", "withheld");
		for (const [user, { read, write }] of rights) {
			const options = { ...clientOptions(folder, user, passwords.get(user)!), clientId: `vagalume-test-${user}` };
			const enters = await enter(url, options);
			const wrong = await enter(url, { ...options, password: newPassword() });
			const none = await enter(url, { ...options, username: undefined, password: undefined });
			const written = enters ? await writes(url, options, witness, topics) : undefined;
			const seen = enters ? await reads(url, options, witness, topics) : undefined;
			const faults = [
				...(enters ? [] : ["is not let in with the password"]),
				...(wrong ? ["is let in with a wrong password"] : []),
				...(none ? ["is let in without a password"] : []),
				...(await certificateFaults(folder, user, `mqtts://localhost:${certificatePort}`)),
				...differences("writes", topics, write, written),
				...differences("reads", topics, read, seen),
			];
			failed ||= faults.length > 0;
			const count = (found?: Findings) =>
				[String(found?.size ?? "-"), String(topics.length - (found?.size ?? 0))] as const;
			row(
				user,
				yes(enters),
				wrong ? "LET IN" : "refused",
				none ? "LET IN" : "refused",
				...count(written),
				...count(seen),
			);
			for (const fault of faults) process.stdout.write(`  WRONG: ${user} ${fault}\n`);
		}
		await witness.endAsync(true);
		const plain = await enter(`mqtt://127.0.0.1:${port}`, {});
		process.stdout.write(`a connection without TLS is ${plain ? "LET IN" : "refused"}\n`);
		failed ||= plain;
	} finally {
		await broker.stop();
	}
	process.stdout.write(failed ? "the broker does not do what it should\n" : "all as it should be\n");
	return failed ? 1 : 0;
}

async function certificateFaults(folder: BrokerFolder, user: string, url: string): Promise<string[]> {
	const [cert, key] = [folder.client(user, "client.crt"), folder.client(user, "client.key")];
	const ca = readFileSync(folder.authorities, "utf8");
	if (await enter(url, { ca, username: user })) return ["is let in without a certificate where one is needed"];
	if (!existsSync(cert) || !existsSync(key)) return [];
	const enters = await enter(url, { ca, cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") });
	return enters ? [] : ["is not let in with his certificate"];
}

function differences(does: string, topics: readonly string[], filters: readonly string[], found?: Findings): string[] {
	if (!found) return [];
	return topics.flatMap((topic) => {
		const [may, did] = [allowed(filters, topic), found.has(topic)];
		if (may === did) return [];
		return [may ? `may, and cannot: ${does} ${topic}` : `must not, and ${does} ${topic}`];
	});
}

async function enter(url: string, options: Parameters<typeof connectOnce>[1]): Promise<boolean> {
	try {
		const client = await connectOnce(url, options);
		await client.endAsync(true);
		return true;
	} catch {
		return false;
	}
}

function yes(value: boolean): string {
	return value ? "yes" : "NO";
}

function row(user: string, ...cells: readonly string[]): void {
	const widths = [7, 15, 8, 7, 8, 6, 8];
	const line = cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("");
	process.stdout.write(`${user.padEnd(20)}${line}`.trimEnd().concat("\n"));
}

/** TCP ports of 127.0.0.1 that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
	const servers = await Promise.all(
		Array.from({ length: count }, async () => {
			const server = createServer();
			await new Promise<void>((resolve, reject) => {
				server.once("error", reject);
				server.listen(0, "127.0.0.1", resolve);
			});
			return server;
		}),
	);
	const ports = servers.map((server) => (server.address() as { port: number }).port);
	await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
	return ports;
}
