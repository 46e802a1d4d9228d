import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashPassword, newPassword } from "../../deploy/mosquitto/password";
import { baseTemplate, discoveryPrefix, nodeRights, type Role } from "../../deploy/mosquitto/rights";
import type { NodeDescription } from "../../modules/description/description";
import { baseOf } from "../../modules/description/topics";
import { daysLeft, newAuthority, newClient, newServer, serialOf } from "./authority";
import { BrokerError } from "./broker-error";
import type { BrokerFolder } from "./folder";
import { type BrokerState, CONTROL, type User } from "./state";
import { writeFileWhole } from "./write-file";

/** A server's certificate is renewed when fewer days than these are left. */
export const RENEW = 30;
/** What a broker answers to on its own machine. */
const LOCAL = ["localhost", "127.0.0.1", "::1"];

/** A new broker, in a new or empty folder: its authority, the server's certificate, and nobody who may enter. Throws BrokerError. */
export async function init(folder: BrokerFolder, hosts: readonly string[], node: NodeDescription): Promise<void> {
	if (folder.exists) throw new BrokerError(`${folder.path} is a broker already, and is not overwritten`);
	const others = readdirSync(folder.path).filter((name) => name !== ".lock");
	if (others.length > 0)
		throw new BrokerError(`${folder.path} is not empty (${others[0]}): a broker has a folder of its own`);
	const names = [...new Set([...hosts, ...LOCAL])];
	const password = newPassword();
	folder.addAuthority(1, await newAuthority(`Vagalume ${names[0]} 1`));
	writeFileWhole(folder.controlPassword, `${password}\n`);
	// Nothing of it belongs into a repository.
	writeFileSync(join(folder.path, ".gitignore"), "*\n");
	const state: BrokerState = {
		schema: 1,
		hosts: names,
		template: baseTemplate(node),
		discovery: discoveryPrefix(node),
		authorities: { signs: 1, trusted: [1], step: "settled" },
		users: {},
		revoked: [],
		control: hashPassword(password),
	};
	await certify(folder, state);
	await folder.write(state);
}

/** Lets a node in: its user is its id. Writes its password, and its certificate if asked. Throws BrokerError. */
export async function addNode(
	folder: BrokerFolder,
	id: string,
	node: NodeDescription,
	certificate: boolean,
): Promise<void> {
	const state = folder.read();
	const base = baseOf(node, id);
	for (const [other, user] of Object.entries(state.users)) {
		if (other === id || user.base === undefined) continue;
		if (overlap(base, user.base))
			throw new BrokerError(
				`base "${base}" overlaps that of node "${other}", "${user.base}": put {id} into node.ts's base`,
			);
	}
	await add(folder, state, id, { kind: "node", ...ofNode(node, id) }, certificate);
}

export async function addUser(folder: BrokerFolder, name: string, role: Role, certificate: boolean): Promise<void> {
	await add(folder, folder.read(), name, { kind: role }, certificate);
}

/** Gives a node the rights that follow from node.ts as it is now. Throws BrokerError. */
export async function updateNode(folder: BrokerFolder, id: string, node: NodeDescription): Promise<void> {
	const state = folder.read();
	const user = userOf(state, id);
	if (user.kind !== "node") throw new BrokerError(`"${id}" is no node but a user (${user.kind})`);
	const now = { ...user, ...ofNode(node, id) };
	await folder.write({ ...state, users: { ...state.users, [id]: now } });
}

/** What of a node follows from node.ts. */
function ofNode(node: NodeDescription, id: string) {
	return {
		rights: nodeRights(node, id),
		base: baseOf(node, id),
		template: baseTemplate(node),
		discovery: discoveryPrefix(node),
	};
}

async function add(
	folder: BrokerFolder,
	state: BrokerState,
	name: string,
	user: Omit<User, "hash" | "certificates">,
	certificate: boolean,
): Promise<void> {
	if (name === CONTROL) throw new BrokerError(`"${name}" is this tool's own user: choose another name`);
	if (Object.hasOwn(state.users, name))
		throw new BrokerError(
			`"${name}" is there already ('rotate ${name}' gives it a new password, 'revoke ${name}' ends it)`,
		);
	const password = newPassword();
	const identity = certificate ? await newClient(folder.authority(state.authorities.signs), name) : undefined;
	folder.removeClient(name);
	folder.writeClient(name, password, identity);
	const certificates = identity ? [serialOf(identity.certificate)] : [];
	const whole = { ...user, hash: hashPassword(password), certificates };
	try {
		await folder.write({ ...state, users: { ...state.users, [name]: whole } });
	} catch (error) {
		folder.removeClient(name);
		throw error;
	}
}

/** Takes a user away: his password, his certificates. His secrets are removed by `forget`, once the broker has acted. */
export async function revoke(folder: BrokerFolder, name: string): Promise<void> {
	const state = folder.read();
	const { [name]: gone, ...users } = { ...state.users, [name]: userOf(state, name) };
	await folder.write({ ...state, users, revoked: [...state.revoked, ...revocations(gone.certificates)] });
}

/** A new password for a user, and a new certificate if he has one; the old ones end. Throws BrokerError. */
export async function rotateUser(folder: BrokerFolder, name: string): Promise<void> {
	const state = folder.read();
	const user = userOf(state, name);
	const password = newPassword();
	const renewed = user.certificates.length > 0;
	const identity = renewed ? await newClient(folder.authority(state.authorities.signs), name) : undefined;
	folder.writeClient(name, password, identity);
	const certificates = identity ? [serialOf(identity.certificate)] : [];
	await folder.write({
		...state,
		users: { ...state.users, [name]: { ...user, hash: hashPassword(password), certificates } },
		revoked: [...state.revoked, ...revocations(user.certificates)],
	});
}

/** A new certificate for the server, by the authority that signs now; `hosts` instead of those it had, if given. */
export async function rotateServer(folder: BrokerFolder, hosts?: readonly string[]): Promise<void> {
	const state = folder.read();
	const now = hosts ? { ...state, hosts: [...new Set([...hosts, ...LOCAL])] } : state;
	await certify(folder, now);
	await folder.write(now);
}

/** Renews the server's certificate when it ends within `RENEW` days; true when it did. */
export async function renewServer(folder: BrokerFolder): Promise<boolean> {
	if (existsSync(folder.server) && daysLeft(readFileSync(folder.server, "utf8")) >= RENEW) return false;
	await rotateServer(folder);
	return true;
}

/**
 * A new authority, in three steps, so that no client is locked out: `begin` (clients are to trust both), `switch` (the server's
 * certificate, and those of clients, are the new one's), `finish` (the old one is trusted no longer). Throws BrokerError.
 */
export async function rotateAuthority(folder: BrokerFolder, step: "begin" | "switch" | "finish"): Promise<void> {
	const state = folder.read();
	const { signs, trusted, step: now } = state.authorities;
	const expected = { begin: "settled", switch: "begun", finish: "switched" }[step];
	if (now !== expected)
		throw new BrokerError(`--authority ${step}: the change of the authority is at "${now}", expected "${expected}"`);
	const [old, next] = [trusted[0]!, trusted[1] ?? folder.freeAuthority(signs)];
	switch (step) {
		case "begin":
			folder.addAuthority(next, await newAuthority(`Vagalume ${state.hosts[0]} ${next}`));
			return folder.write({ ...state, authorities: { signs: old, trusted: [old, next], step: "begun" } });
		case "switch": {
			const after: BrokerState = { ...state, authorities: { signs: next, trusted, step: "switched" } };
			const users = { ...state.users };
			for (const [name, user] of Object.entries(users)) {
				if (user.certificates.length === 0) continue;
				const identity = await newClient(folder.authority(next), name);
				folder.writeClient(name, undefined, identity);
				// The old one is accepted until the change is finished.
				users[name] = { ...user, certificates: [...user.certificates, serialOf(identity.certificate)] };
			}
			await certify(folder, after);
			return folder.write({ ...after, users });
		}
		case "finish":
			return folder.write({ ...state, authorities: { signs, trusted: [signs], step: "settled" } });
	}
}

async function certify(folder: BrokerFolder, state: BrokerState): Promise<void> {
	const authority = folder.authority(state.authorities.signs);
	const { certificate, key } = await newServer(authority, state.hosts);
	// Moddable's TLS refuses a server that sends its leaf only.
	writeFileWhole(folder.server, `${key}${certificate}${authority.certificate}`);
}

function userOf(state: BrokerState, name: string): User {
	const user = Object.hasOwn(state.users, name) ? state.users[name] : undefined;
	if (user) return user;
	const known = Object.keys(state.users).join(", ") || "none";
	throw new BrokerError(`"${name}" is not a user of this broker (it has ${known})`);
}

function revocations(serials: readonly string[]) {
	const date = new Date().toISOString();
	return serials.map((serial) => ({ serial, date }));
}

function overlap(a: string, b: string): boolean {
	return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
