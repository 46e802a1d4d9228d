import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where the host keeps what it is made of. */
const LIBRARY = "/usr/local/lib/vagalume";

export interface CloudInitOptions {
	/** The broker's files (tar.gz). */
	readonly bundle: Uint8Array;
	/** With a certificate of Let's Encrypt for this name, instead of one by the own authority. */
	readonly letsEncrypt?: { readonly host: string; readonly email: string } | undefined;
}

/**
 * The user data (cloud-config) that makes a fresh Ubuntu 22.04 or later, on Azure or anywhere else, a broker. It ends with the
 * broker's health check: when that fails `cloud-init status` says error.
 */
export function cloudConfig({ bundle, letsEncrypt }: CloudInitOptions): object {
	const file = (path: string, name: string, permissions = "0644") => ({ path, permissions, content: text(name) });
	const secret = (path: string, content: Uint8Array | string) => ({
		path,
		permissions: "0600",
		encoding: "b64",
		content: Buffer.from(content).toString("base64"),
	});
	return {
		package_update: true,
		package_upgrade: true,
		packages: [
			"mosquitto",
			"mosquitto-clients",
			"openssl",
			"nftables",
			"fail2ban",
			"unattended-upgrades",
			...(letsEncrypt ? ["certbot"] : []),
		],
		ssh_pwauth: false,
		write_files: [
			file("/usr/local/sbin/vagalume-broker", "vagalume-broker.sh", "0755"),
			file("/usr/local/sbin/vagalume-setup", "vagalume-setup.sh", "0755"),
			file(`${LIBRARY}/mosquitto.service.conf`, "mosquitto.service.conf"),
			file(`${LIBRARY}/firewall.nft`, "firewall.nft"),
			file("/etc/systemd/system/vagalume-firewall.service", "vagalume-firewall.service"),
			file("/etc/fail2ban/jail.d/vagalume.local", "fail2ban.conf"),
			file("/etc/apt/apt.conf.d/52vagalume", "apt.conf"),
			secret(`${LIBRARY}/broker.tar.gz`, bundle),
			...(letsEncrypt
				? [secret(`${LIBRARY}/letsencrypt`, `HOST=${letsEncrypt.host}\nEMAIL='${letsEncrypt.email}'\n`)]
				: []),
		],
		runcmd: [["/usr/local/sbin/vagalume-setup"]],
	};
}

function text(name: string): string {
	return readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");
}
