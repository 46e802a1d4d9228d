import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { conformanceFiles, freshRecords, stalePage } from "./conformance";
import { globSync } from "./glob";
import { root } from "./root";
import { runProgram } from "./run-program";

/** What stands in each folder of test/, in the order in which it runs. */
const kinds = ["unit", "conformance", "system"] as const;

/** Programs that system tests start, and the Debian package that has them. */
const programs = [
	["influxd", "influxdb"],
	["ip", "iproute2"],
	["avahi-daemon", "avahi-daemon"],
	["xmllint", "libxml2-utils"],
	["mosquitto", "mosquitto"],
	["mosquitto_sub", "mosquitto-clients"],
	["openssl", "openssl"],
	["rabbitmq-server", "rabbitmq-server"],
	["shellcheck", "shellcheck"],
	["cloud-init", "cloud-init"],
	["chromium", "chromium"],
	["firefox-esr", "firefox-esr"],
] as const;

const help = `usage: vagalume test [unit|conformance|system|WORD]...        (npm test -- ...)

Without words all tests run: unit (Node), conformance (clauses of MQTT, a scripted broker), system (contract suite
inside XS, mosquitto, faults). All conformance tests having run, docs/conformance.md must be what they say.
A WORD runs the test files whose names contain it. With CI=true a missing program is a failure.
`;

/** `vagalume test`: resolves to the exit status. */
export async function run(args: readonly string[]): Promise<number> {
	if (args.includes("--help") || args.includes("-h")) {
		process.stdout.write(help);
		return 0;
	}
	const all = kinds.flatMap((kind) => globSync(root, `test/${kind}`, ".test.ts"));
	const words = args.filter((word) => !word.startsWith("-"));
	const files = words.length === 0 ? all : all.filter((file) => words.some((word) => file.includes(word)));
	if (files.length === 0) {
		process.stderr.write(`vagalume test: no test file has "${words.join('" or "')}" in its name\n`);
		return 2;
	}
	const missing = programs.filter(([program]) => !installed(program));
	if (missing.length > 0 && files.some((file) => file.includes("test/system/"))) {
		const names = missing.map(([program]) => program).join(", ");
		const packages = missing.map(([, name]) => name).join(" ");
		const advice = `not installed: ${names} (Debian: apt-get install ${packages})`;
		if (process.env["CI"]) {
			process.stderr.write(`vagalume test: ${advice}\n`);
			return 1;
		}
		process.stdout.write(`skipped: what needs a program that is ${advice}\n`);
	}
	const records = freshRecords();
	const failures = join(mkdtempSync(join(tmpdir(), "vagalume-test-")), "failures");
	const status = await runProgram(
		process.execPath,
		[
			"--import",
			"./test/support/register.js",
			"--test",
			"--test-concurrency=2",
			// A test that fails with something still running must not hold up the rest.
			"--test-force-exit",
			`--test-reporter=${process.stdout.isTTY ? "spec" : "tap"}`,
			"--test-reporter-destination=stdout",
			"--test-reporter=./test/support/failures.js",
			"--test-reporter-destination=stdout",
			...args.filter((word) => word.startsWith("-")),
			...files,
		],
		{ ...process.env, VAGALUME_RECORD: records, VAGALUME_FAILURES: failures },
	);
	if (existsSync(failures)) process.stderr.write(readFileSync(failures, "utf8"));
	rmSync(dirname(failures), { recursive: true });
	if (status !== 0 || !conformanceFiles().every((file) => files.includes(file))) return status;
	const stale = stalePage(records);
	for (const fault of stale) process.stderr.write(`vagalume test: ${fault}\n`);
	return stale.length > 0 ? 1 : 0;
}

function installed(program: string): boolean {
	const path = `${process.env["PATH"]}:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin`;
	return spawnSync("which", [program], { env: { ...process.env, PATH: path } }).status === 0;
}
