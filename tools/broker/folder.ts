import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { AVAHI_FILE, avahiService } from "../../deploy/avahi/service";
import { aclFile, passwordFile } from "../../deploy/mosquitto/acl";
import { type Rights, roleRights } from "../../deploy/mosquitto/rights";
import { UsageError } from "../../sim/usage";
import { leaveLock, takeLock } from "../file-lock";
import { type Identity, revocationList } from "./authority";
import { BrokerError } from "./broker-error";
import { type BrokerState, CONTROL, CONTROL_TOPICS, localName, type User } from "./state";
import { writeFileWhole } from "./write-file";

/** Where brokers are, unless `run` is told otherwise. */
const PORT = 8883;
const PUBLIC = 0o644;
const PRIVATE_FOLDER = 0o700;

/** The folder of one broker: `broker.json`, and what follows from it. */
export class BrokerFolder {
	/** Absolute. */
	readonly path: string;

	constructor(path: string) {
		this.path = resolve(path);
	}

	/** Throws UsageError when there is none. */
	static open(path: string): BrokerFolder {
		const folder = new BrokerFolder(path);
		if (!folder.exists)
			throw new UsageError(
				`--dir ${path}: no broker there; 'vagalume broker init --dir ${path} --host NAME' makes one`,
			);
		return folder;
	}

	get exists(): boolean {
		return existsSync(this.#state);
	}
	get #state(): string {
		return join(this.path, "broker.json");
	}
	/** Whom clients are to trust. */
	get authorities(): string {
		return join(this.path, "ca.crt");
	}
	/** Private key, certificate and its authority's, in one file: no reload finds one without the other. */
	get server(): string {
		return join(this.path, "server.pem");
	}
	get controlPassword(): string {
		return join(this.path, "control-password");
	}
	/** What mosquitto reads. */
	mosquitto(name: "passwords" | "acl" | "client-authorities.crt" | "revoked.crl" | "mosquitto.conf"): string {
		return join(this.path, "mosquitto", name);
	}
	/** What mosquitto keeps. */
	get data(): string {
		return join(this.path, "data/");
	}
	/** Of Avahi, for a broker that has a name in `.local`. */
	get avahi(): string {
		return join(this.path, "avahi", AVAHI_FILE);
	}
	/** Of the mosquitto that `run` has started. */
	get process(): string {
		return join(this.path, "broker.pid");
	}
	client(user: string, file?: "password" | "client.crt" | "client.key"): string {
		return join(this.path, "clients", user, file ?? "");
	}
	authority(number: number): Identity {
		return {
			certificate: readFileSync(join(this.path, "authority", `${number}.crt`), "utf8"),
			key: readFileSync(join(this.path, "authority", `${number}.key`), "utf8"),
		};
	}

	/** The first number above `number` that no authority has. */
	freeAuthority(number: number): number {
		return existsSync(join(this.path, "authority", `${number + 1}.key`)) ? this.freeAuthority(number + 1) : number + 1;
	}

	/** Keeps a new authority. An old one is never overwritten: it throws BrokerError. */
	addAuthority(number: number, { certificate, key }: Identity): void {
		const file = join(this.path, "authority", `${number}`);
		mkdirSync(join(this.path, "authority"), { recursive: true, mode: PRIVATE_FOLDER });
		try {
			writeFileSync(`${file}.key`, key, { mode: 0o600, flag: "wx" });
			writeFileSync(`${file}.crt`, certificate, { mode: PUBLIC, flag: "wx" });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
			throw new BrokerError(`${file}.key or .crt is there already: an authority is not overwritten`);
		}
	}

	/** Throws BrokerError when it cannot be read. */
	read(): BrokerState {
		try {
			const state = JSON.parse(readFileSync(this.#state, "utf8")) as BrokerState;
			if (state.schema === 1) return state;
			throw new Error(`schema ${state.schema}, expected 1`);
		} catch (error) {
			throw new BrokerError(`${this.#state}: ${(error as Error).message}`);
		}
	}

	/**
	 * Keeps the state, then writes what follows from it. After a power cut in between the next change writes it. Throws BrokerError
	 * when Mosquitto's files cannot hold it.
	 */
	async write(state: BrokerState): Promise<void> {
		const acl = accessList(state);
		mkdirSync(join(this.path, "mosquitto"), { recursive: true, mode: PRIVATE_FOLDER });
		mkdirSync(this.data, { recursive: true, mode: PRIVATE_FOLDER });
		writeFileWhole(this.#state, `${JSON.stringify(state, undefined, "\t")}\n`);
		const trusted = state.authorities.trusted.map((number) => this.authority(number));
		const certificates = trusted.map(({ certificate }) => certificate).join("");
		writeFileWhole(this.authorities, certificates, PUBLIC);
		writeFileWhole(this.mosquitto("client-authorities.crt"), certificates);
		const lists = await Promise.all(trusted.map((authority) => revocationList(authority, state.revoked)));
		writeFileWhole(this.mosquitto("revoked.crl"), lists.join(""));
		writeFileWhole(this.mosquitto("passwords"), passwordFile(hashesOf(state)));
		writeFileWhole(this.mosquitto("acl"), acl);
		this.#writeAvahi(localName(state));
	}

	#writeAvahi(host: string | undefined): void {
		const folder = dirname(this.avahi);
		if (host === undefined) {
			rmSync(folder, { recursive: true, force: true });
			return;
		}
		mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
		writeFileWhole(this.avahi, avahiService(host, PORT), PUBLIC);
	}

	/** Writes a client's secrets. */
	writeClient(user: string, password: string | undefined, identity: Identity | undefined): void {
		mkdirSync(this.client(user), { recursive: true, mode: PRIVATE_FOLDER });
		if (password !== undefined) writeFileWhole(this.client(user, "password"), `${password}\n`);
		if (!identity) return;
		writeFileWhole(this.client(user, "client.key"), identity.key);
		writeFileWhole(this.client(user, "client.crt"), identity.certificate);
	}

	removeClient(user: string): void {
		rmSync(this.client(user), { recursive: true, force: true });
	}

	/** Runs `work` with no other command at this folder. Throws BrokerError when there is one. */
	async alone<T>(work: () => Promise<T>): Promise<T> {
		mkdirSync(this.path, { recursive: true, mode: PRIVATE_FOLDER });
		const lock = join(this.path, ".lock");
		if (!takeLock(lock))
			throw new BrokerError(`another 'vagalume broker' is changing ${this.path}: try again when it has ended`);
		try {
			return await work();
		} finally {
			leaveLock(lock);
		}
	}
}

/** Each user's rights; the tool's own user included. */
export function rightsOf(state: BrokerState): [string, Rights][] {
	const users = Object.entries(state.users);
	const templates = [state.template, ...users.flatMap(([, { template }]) => template ?? [])];
	const prefixes = [state.discovery, ...users.flatMap(([, { discovery }]) => discovery ?? [])];
	const rights = (user: User) => (user.kind === "node" ? user.rights! : roleRights(user.kind, templates, prefixes));
	return [
		...users.map(([name, user]): [string, Rights] => [name, rights(user)]),
		[CONTROL, { read: [CONTROL_TOPICS, "$SYS/#"], write: [CONTROL_TOPICS] }],
	];
}

function accessList(state: BrokerState): string {
	try {
		return aclFile(rightsOf(state));
	} catch (error) {
		throw new BrokerError((error as Error).message);
	}
}

export function hashesOf(state: BrokerState): [string, string][] {
	return [
		...Object.entries(state.users).map(([name, { hash }]): [string, string] => [name, hash]),
		[CONTROL, state.control],
	];
}
