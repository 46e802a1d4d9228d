import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { BuildError } from "../../tools/moddable/build";
import {
	bridgeOf,
	debuggerFromEnvironment,
	serialPort,
	startXsbug,
	xsbugOf,
	xsbugToStart,
} from "../../tools/moddable/debug";
import { ownPlatform, UsageError } from "../../tools/moddable/options";
import { debuggerProblem } from "../../tools/xsbug";
import { FakeXsbug } from "../support/fake-xsbug";
import { freePort } from "../support/free-port";

const says = (pattern: RegExp) => (error: Error) => error instanceof BuildError && pattern.test(error.message);

describe("vagalume moddable debug", () => {
	const sdk = mkdtempSync(join(tmpdir(), "vagalume-sdk-"));
	after(() => rmSync(sdk, { recursive: true }));
	const here = { host: "localhost", port: 5002 };

	function tool(name: string, kind = "release", platform = ownPlatform()): string {
		const folder = join(sdk, "build", "bin", platform, kind);
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(folder, name), "");
		return join(folder, name);
	}

	test("finds xsbug where XSBUG_HOST and XSBUG_PORT say, else at localhost:5002", () => {
		assert.deepEqual(debuggerFromEnvironment({}), here);
		assert.deepEqual(debuggerFromEnvironment({ XSBUG_HOST: "desk", XSBUG_PORT: "5010" }), { host: "desk", port: 5010 });
		for (const XSBUG_PORT of ["many", "0", "70000"])
			assert.throws(() => debuggerFromEnvironment({ XSBUG_PORT }), UsageError);
	});

	test("starts the SDK's xsbug when none listens, and nothing when one does", () => {
		assert.equal(xsbugToStart({ sdk, xsbug: true }, here, undefined), undefined);
		assert.equal(xsbugToStart({ sdk, xsbug: false }, here, undefined), undefined);
		assert.throws(() => xsbugOf(sdk, "lin"), says(/xsbug is not built: .*release.xsbug is missing.*xs-dev setup/));
		const debug = tool("xsbug", "debug", "lin");
		assert.equal(xsbugOf(sdk, "lin").program, debug);
		const release = tool("xsbug", "release", "lin");
		assert.equal(xsbugOf(sdk, "lin").program, release);
		if (ownPlatform() === "lin")
			assert.deepEqual(xsbugToStart({ sdk, xsbug: true }, here, "ECONNREFUSED"), { program: release, args: [] });
	});

	test("says why it starts none: --no-xsbug, another computer, another port", () => {
		const refused = "ECONNREFUSED";
		assert.throws(
			() => xsbugToStart({ sdk, xsbug: false }, here, refused),
			says(/no xsbug listens at localhost:5002 \(ECONNREFUSED\), and --no-xsbug/),
		);
		assert.throws(
			() => xsbugToStart({ sdk, xsbug: true }, { host: "desk", port: 5002 }, refused),
			says(/unset XSBUG_HOST/),
		);
		assert.throws(() => xsbugToStart({ sdk, xsbug: true }, { ...here, port: 5010 }, refused), says(/unset XSBUG_PORT/));
	});

	test("a board is joined by serial2xsbug, at the speed that the SDK builds in", () => {
		assert.throws(() => bridgeOf(sdk, "/dev/ttyUSB0", {}), says(/serial2xsbug is not built/));
		const program = tool("serial2xsbug");
		assert.deepEqual(bridgeOf(sdk, "/dev/ttyUSB0", {}), { program, args: ["/dev/ttyUSB0", "460800", "8N1"] });
		assert.equal(bridgeOf(sdk, "/dev/ttyUSB0", { DEBUGGER_SPEED: "115200" }).args[1], "115200");
	});

	test("the board's port: the one asked for, the SDK's variables, or the only one there is", () => {
		const env = { UPLOAD_PORT: "/dev/up" };
		assert.equal(serialPort({ port: "/dev/mine" }, env, []), "/dev/mine");
		assert.equal(serialPort({}, { ...env, DEBUGGER_PORT: "/dev/debug" }, []), "/dev/debug");
		assert.equal(serialPort({}, env, ["/dev/ttyUSB0"]), "/dev/up");
		assert.equal(serialPort({}, {}, ["/dev/ttyUSB0"]), "/dev/ttyUSB0");
		assert.throws(() => serialPort({}, {}, []), says(/no board is on USB/));
		assert.throws(() => serialPort({}, {}, ["/dev/a", "/dev/b"]), says(/several.*\/dev\/a, \/dev\/b.*--port/));
	});

	test("waits until xsbug listens; one that ends instead is an error that says so", async (t) => {
		const xsbug = await FakeXsbug.start();
		t.after(() => xsbug.close());
		const { port } = xsbug;
		const idle = { program: process.execPath, args: ["-e", "setInterval(() => {}, 1000)"] };
		const child = await startXsbug(idle, { host: "127.0.0.1", port });
		child.kill();
		const broken = join(sdk, "broken");
		writeFileSync(broken, "#!/bin/sh\nexit 3\n");
		chmodSync(broken, 0o755);
		const nowhere = { host: "127.0.0.1", port: await freePort() };
		await assert.rejects(startXsbug({ program: broken, args: [] }, nowhere), says(/it ended with status 3.*a display/));
		assert.equal(await debuggerProblem(nowhere), "ECONNREFUSED");
	});
});
