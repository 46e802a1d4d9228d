/** Tests that prove clauses: `docs/conformance.md` is made from their names and results. */
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { root } from "../../tools/root";
import { clock } from "./clock";
import { network } from "./fake-tcp";
import { type Link, ScriptedBroker } from "./scripted/broker";
import { ClientSubject, inNode, type MakePlace, SessionSubject, type SubjectSessionOptions } from "./scripted/subject";
import type { Version } from "./scripted/wire";

/** What a script has at hand. */
export interface Script {
	readonly version: Version;
	readonly broker: ScriptedBroker;
	/** A session under test. It does not start by itself. */
	session(options?: SubjectSessionOptions): SessionSubject;
	/** A session that is connected, with its connection at the broker's end. */
	connected(options?: SubjectSessionOptions): [SessionSubject, Link];
	/** A client under test. It connects at once. */
	client(options?: Record<string, unknown>): ClientSubject;
	/** A client that is connected. */
	joined(options?: Record<string, unknown>): [ClientSubject, Link];
	/** Lets time pass. */
	pass(milliseconds: number): void;
}

export interface Proof {
	/** MQTT's version: 4 (3.1.1) when omitted. */
	version?: Version;
	/** The same script proves these clauses with MQTT 5.0. */
	five?: string;
	/** What the clause asks for is not what the client does: what the client does, which the test shows. */
	differs?: string;
	/** It cannot pass yet: what is missing. */
	todo?: string | undefined;
	/** A program that it needs is missing. */
	skip?: string | false;
}

/** A line of what a run leaves in the folder that `VAGALUME_RECORD` names. */
export interface ProofRecord {
	clauses: string[];
	sentence: string;
	file: string;
	result: "pass" | "fail" | "skip";
	differs?: string;
	todo?: string;
}

/** Inside XS with `VAGALUME_PLACE=xs`, else in this process. */
const place: MakePlace = process.env["VAGALUME_PLACE"] === "xs" ? (await import("./scripted/in-xs")).inXS : inNode;

/**
 * Defines a test that proves clauses.
 *
 * @param clauses as `test/conformance/lists` has them, separated by commas
 */
export function proves(clauses: string, sentence: string, script: (script: Script) => void, proof: Proof = {}): void {
	const { version = 4, five } = proof;
	provesLive(clauses, sentence, () => perform(script, version), proof);
	if (five) provesLive(five, sentence, () => perform(script, 5), proof);
}

/** As `proves`, for a test that needs the real world. */
export function provesLive(
	clauses: string,
	sentence: string,
	body: (t: TestContext) => void | Promise<void>,
	{ differs, todo, skip }: Proof = {},
): void {
	const list = clauses.split(",").map((clause) => clause.trim());
	const name = `${list.map((clause) => `[${clause}]`).join(" ")} ${sentence}`;
	const record = (result: ProofRecord["result"]) => note({ clauses: list, sentence, file: "", result, differs, todo });
	if (skip) {
		record("skip");
		test(name, { skip }, () => {});
		return;
	}
	test(name, { timeout: 60_000, ...(todo ? { todo } : {}) }, async (t) => {
		try {
			await body(t);
			record("pass");
		} catch (error) {
			record("fail");
			throw error;
		}
	});
}

function note(record: ProofRecord): void {
	const folder = process.env["VAGALUME_RECORD"];
	if (!folder) return;
	const file = relative(root, process.argv[1]!).replaceAll("\\", "/");
	appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify({ ...record, file })}\n`);
}

/** Runs a script, and sees to it that nothing is left over. */
export function perform(script: (script: Script) => void, version: Version): void {
	clock.reset();
	network.reset();
	const broker = new ScriptedBroker(version);
	const subjects: (SessionSubject | ClientSubject)[] = [];
	const keep = <S extends SessionSubject | ClientSubject>(subject: S): S => {
		subjects.push(subject);
		return subject;
	};
	const versions = version === 5 ? { version } : {};
	const session = (options: SubjectSessionOptions = {}) => keep(new SessionSubject(place, { ...versions, ...options }));
	const client = (options: Record<string, unknown> = {}) => keep(new ClientSubject(place, { ...versions, ...options }));
	try {
		script({
			version,
			broker,
			session,
			client,
			connected: (options) => [session(options).start(), broker.login()],
			joined: (options) => [client(options), broker.login()],
			pass: (milliseconds) => clock.advance(milliseconds),
		});
		broker.verify();
		for (const subject of subjects) {
			if (subject instanceof SessionSubject) subject.stop();
			else subject.close();
		}
		clock.advance(60_000);
		broker.referee.verify();
		for (const subject of subjects) assert.equal(subject.timers, 0, "timers are left");
	} finally {
		for (const subject of subjects) subject.release();
	}
}
