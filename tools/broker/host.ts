import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { type BrokerPlace, configuration } from "../../deploy/mosquitto/configuration";
import { cloudConfig } from "../../deploy/ubuntu/cloud-init";
import { BrokerError } from "./broker-error";
import type { BrokerFolder } from "./folder";

/** Where a host has the broker's files, and where mosquitto keeps what it keeps (Debian's and Ubuntu's package). */
const FILES = "/etc/mosquitto/vagalume";
const DATA = "/var/lib/mosquitto/";
/** What Azure takes as custom data at most, in characters of base64. */
const MOST = 65_535;

/**
 * What a host needs of this folder, as tar.gz: no authority's key, no client's secrets. `files`: where they will be; `place`: what
 * is not as on a host of Debian or Ubuntu. Throws BrokerError.
 */
export function bundle(folder: BrokerFolder, files = FILES, place: Partial<BrokerPlace> = {}): Buffer {
	const staging = mkdtempSync(join(tmpdir(), "vagalume-bundle-"));
	try {
		const text = configuration({
			port: 8883,
			webSocketPort: 8884,
			certificatePort: 8885,
			connections: 500,
			passwords: `${files}/passwords`,
			acl: `${files}/acl`,
			certificate: `${files}/server.pem`,
			key: `${files}/server.pem`,
			clientAuthorities: `${files}/client-authorities.crt`,
			revoked: `${files}/revoked.crl`,
			data: DATA,
			log: "stderr",
			...place,
		});
		writeFileSync(join(staging, "mosquitto.conf"), text);
		writeFileSync(join(staging, "host"), `${folder.read().hosts[0]}\n`);
		copyFileSync(folder.server, join(staging, "server.pem"));
		copyFileSync(folder.authorities, join(staging, "ca.crt"));
		copyFileSync(folder.controlPassword, join(staging, "control-password"));
		for (const name of ["passwords", "acl", "client-authorities.crt", "revoked.crl"] as const)
			copyFileSync(folder.mosquitto(name), join(staging, name));
		if (existsSync(folder.avahi)) copyFileSync(folder.avahi, join(staging, basename(folder.avahi)));
		const { error, status, stdout, stderr } = spawnSync("tar", ["-cz", "-C", staging, "."], { maxBuffer: 1 << 24 });
		if (error || status !== 0) throw new BrokerError(`tar: ${error?.message ?? stderr}`);
		return stdout;
	} finally {
		rmSync(staging, { recursive: true });
	}
}

/** The user data for a new host. It has secrets in it. Throws BrokerError. */
export function userData(folder: BrokerFolder, email: string | undefined): string {
	const host = folder.read().hosts[0]!;
	if (email !== undefined && isIP(host) !== 0)
		throw new BrokerError(`Let's Encrypt certifies names, and the first --host is ${host}: rotate --host NAME,...`);
	const letsEncrypt = email === undefined ? undefined : { host, email };
	const text = `#cloud-config\n${stringify(cloudConfig({ bundle: bundle(folder), letsEncrypt }), { lineWidth: 0 })}`;
	const length = Buffer.from(text).toString("base64").length;
	if (length > MOST)
		throw new BrokerError(
			`the user data has ${length} characters in base64, Azure takes ${MOST}: add users later, by push`,
		);
	return text;
}

/** Sends what has changed to a host, by ssh; resolves to the exit status of the installation there. */
export function push(folder: BrokerFolder, host: string): number {
	const { error, status } = spawnSync("ssh", [host, "sudo", "vagalume-broker", "install"], {
		input: bundle(folder),
		stdio: ["pipe", "inherit", "inherit"],
	});
	if (error) throw new BrokerError(`ssh: ${error.message}`);
	return status ?? 1;
}
