/** An update over HTTPS in real time: TLS by an authority of one's own, the tools, and a node with its heap. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { serveImages } from "../../tools/ota/image-server";
import { root } from "../../tools/root";
import { certificate, withoutOpenssl } from "../support/certificates";
import { Simulator } from "../support/simulator";

const folder = mkdtempSync(join(tmpdir(), "vagalume-https-"));
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);

function vagalume(...args: string[]): Promise<{ status: number | null; output: string }> {
	const child: ChildProcess = spawn(process.execPath, ["bin/vagalume.js", ...args], {
		cwd: root,
		env: { ...process.env, VAGALUME_OTA_HISTORY: at("history") },
	});
	let output = "";
	for (const stream of [child.stdout!, child.stderr!])
		stream.on("data", (chunk) => {
			output += chunk;
		});
	return new Promise((resolve) => child.once("close", (status) => resolve({ status, output })));
}

describe("over HTTPS", { skip: withoutOpenssl, timeout: 240_000 }, () => {
	const file = (name: string) => {
		writeFileSync(at(name), certificate(name));
		return at(name);
	};

	test("a node fetches its image from `ota push --serve`, and from a server named by --url", async (t) => {
		assert.equal((await vagalume("keys", "new", "--out", folder, "--no-passphrase")).status, 0);
		const release = (version: string) =>
			vagalume("release", "--key", at("release.key"), "--version", version, "--out", at(version));
		assert.equal((await release("1.1.0")).status, 0);
		const simulator = new Simulator([
			"--id",
			"sala",
			"--nodes",
			"2",
			"--release-key",
			at("release.pub"),
			"--ca",
			file("authority.pem"),
		]);
		t.after(() => simulator.stop("SIGKILL"));
		const broker = /broker (\S+)/.exec(await simulator.ready())![1]!;
		const push = (node: string, ...more: string[]) =>
			vagalume("ota", "push", at("1.1.0"), "--node", node, "--broker", broker, ...more);
		const own = ["--serve-cert", file("server.pem"), "--serve-key", file("server.key")];

		const plain = await push("sala-1", "--serve");
		assert.equal(plain.status, 1, plain.output);
		assert.match(plain.output, /images are at http:\/\/127\.0\.0\.1:\d+\/\n/);
		assert.match(plain.output, /FAILED sala-1: refused: url is http:\/\/, expected https:\/\//);

		const image = new Uint8Array(readFileSync(at("1.1.0", "simulator.bin")));
		let bytes = 0;
		const server = createServer(
			{ cert: certificate("server.pem"), key: certificate("server.key") },
			serveImages(new Map([["files/app.bin", image]]), (count) => {
				bytes += count;
			}),
		);
		server.listen(0, "127.0.0.1");
		await new Promise((resolve) => server.once("listening", resolve));
		t.after(() => server.close());
		const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/files/app.bin?token=x`;
		const [served, named] = await Promise.all([
			push("sala-1", "--serve", "localhost:0", ...own),
			push("sala-2", "--url", url),
		]);
		assert.equal(served.status, 0, served.output);
		assert.match(served.output, /images are at https:\/\/localhost:\d+\/\n/);
		assert.match(served.output, /ok {5}sala-1: runs 1\.1\.0\n/);
		assert.equal(named.status, 0, named.output);
		assert.match(named.output, /ok {5}sala-2: runs 1\.1\.0\n/);
		assert.equal(bytes, image.length);
		for (const id of ["sala-1", "sala-2"])
			assert.equal(simulator.messages(`vagalume/${id}/update/request`).length, 0, "nothing of it came by the broker");
		assert.equal(await simulator.stop(), 0);
	});

	for (const [what, name, about] of [
		["another authority", "stranger", /not trusted|authority/],
		["another name", "misnamed", /another name/],
		["a certificate that has expired", "expired", /expired/],
	] as const)
		test(`${what}: nothing is fetched, and the node says why`, async (t) => {
			assert.equal((await vagalume("keys", "new", "--out", at(name), "--no-passphrase")).status, 0);
			const made = await vagalume(
				"release",
				"--key",
				at(name, "release.key"),
				"--version",
				"1.1.0",
				"--out",
				at(name, "new"),
			);
			assert.equal(made.status, 0, made.output);
			const simulator = new Simulator([
				"--id",
				"sala",
				"--release-key",
				at(name, "release.pub"),
				"--ca",
				file(name === "stranger" ? "stranger.pem" : "authority.pem"),
			]);
			t.after(() => simulator.stop("SIGKILL"));
			const broker = /broker (\S+)/.exec(await simulator.ready())![1]!;
			const own = name === "stranger" ? "server" : name;
			const pushing = vagalume(
				"ota",
				"push",
				at(name, "new"),
				"--node",
				"sala",
				"--broker",
				broker,
				"--serve",
				"localhost:0",
				"--serve-cert",
				file(`${own}.pem`),
				"--serve-key",
				file(`${own}.key`),
			);
			const states = () => simulator.messages("vagalume/sala/update").map(({ payload }) => JSON.parse(payload!));
			const deadline = Date.now() + 60_000;
			while (!states().some(({ message }) => message) && Date.now() < deadline)
				await new Promise((resolve) => setTimeout(resolve, 100));
			const { phase, message } = states().at(-1);
			assert.equal(phase, "downloading");
			assert.match(message, about);
			assert.equal((await vagalume("ota", "abort", "--node", "sala", "--broker", broker)).status, 0);
			const { status, output } = await pushing;
			assert.equal(status, 1, output);
			assert.match(output, /refused: 1\.1\.0 was aborted by its owner/);
			assert.equal(await simulator.stop(), 0);
		});
});
