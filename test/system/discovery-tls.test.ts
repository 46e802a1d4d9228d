/** A node that finds its broker by DNS-SD and speaks TLS with it, in real time: only who proves to be it gets the password. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createServer } from "node:tls";
import mqtt from "mqtt";
import type { BrokerDiscovery } from "../../modules/description/broker-discovery";
import { EmbeddedBroker } from "../../sim/broker";
import { type AdvertisedService, answer, GROUP, MULTICAST_DNS_PORT } from "../../sim/network/dnssd-responder";
import { parseSimOptions } from "../../sim/options";
import { Simulation } from "../../sim/simulation";
import { certificate, certificateFile, withoutOpenssl } from "../support/certificates";
import { discovering } from "../support/discovery-world";
import { freePort } from "../support/free-port";
import { OtherNode } from "../support/other-node";
import { QuietOutput } from "../support/quiet-output";
import { until } from "../support/until";

const skip = withoutOpenssl;
const SECRET = "only-for-the-broker";

/** Ends with the test. `heard`: what came through TLS; `logins`: users and passwords. */
async function serve(t: TestContext, name: string) {
	const broker = await EmbeddedBroker.start();
	const logins: string[] = [];
	broker.guard((user, password) => {
		logins.push(`${user} ${password}`);
		return user === "sala" && password === SECRET;
	});
	let heard = 0;
	const server = createServer({ cert: certificate(`${name}.pem`), key: certificate(`${name}.key`) }, (socket) => {
		socket.on("error", () => {});
		socket.on("data", (chunk) => {
			heard += chunk.length;
		});
		broker.handle(socket);
	});
	server.on("tlsClientError", () => {});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.after(async () => {
		await broker.close();
		server.close();
	});
	return { broker, logins, port: (server.address() as AddressInfo).port, heard: () => heard };
}

async function run(t: TestContext, discover: BrokerDiscovery, services: AdvertisedService[]) {
	const other = new OtherNode(discovering(discover));
	const folder = mkdtempSync(join(tmpdir(), "vagalume-discovery-"));
	writeFileSync(join(folder, "password"), `${SECRET}\n`);
	const args = ["--broker", "dns-sd", "--ca", certificateFile("authority.pem"), "--user", "sala", "--id", "sala"];
	args.push("--password-file", join(folder, "password"), "--nvs", folder, "--panel-port", String(await freePort()));
	const output = new QuietOutput();
	const simulation = await Simulation.start({
		options: parseSimOptions(args),
		output,
		root: other.folder,
		description: discovering(discover),
	});
	simulation.internet.receive(GROUP, MULTICAST_DNS_PORT, (query, _from, reply) => {
		const packet = answer(query, services);
		if (packet) reply(packet);
	});
	t.after(async () => {
		simulation.stop();
		await simulation.run();
		other.remove();
		rmSync(folder, { recursive: true });
	});
	const lines = (pattern: RegExp) => output.lines.filter((line) => pattern.test(line));
	return { simulation, output, lines };
}

const at = (name: string, host: string, port: number): AdvertisedService => ({
	type: "_secure-mqtt._tcp",
	name,
	host,
	address: "127.0.0.1",
	port,
});

test("an impostor who answers first gets no byte of MQTT, the broker gets the node; the panel's page follows", {
	skip,
}, async (t) => {
	// Signed by the same authority, for another computer: a node's own certificate would be such a one.
	const impostor = await serve(t, "misnamed");
	const genuine = await serve(t, "local");
	const world = await run(t, { secure: true }, [
		at("A", "raspberrypi.local", impostor.port),
		at("B", "raspberrypi.local", genuine.port),
	]);
	const status = genuine.broker.watch("vagalume/sala/status");
	await until(() => status() === "online", 20_000, "online");
	assert.equal(world.lines(/"A" is raspberrypi\.local/).length, 1);
	assert.equal(world.lines(/not connected: .*certificate/i).length, 1);
	assert.deepEqual([impostor.heard(), impostor.logins], [0, []]);
	assert.deepEqual(genuine.logins, [`sala ${SECRET}`]);
	assert.equal(world.simulation.brokerUrl, `mqtts://127.0.0.1:${genuine.port}`);
	const url = `${world.simulation.panelUrl!.replace("http", "ws").replace(/\/$/, "")}/mqtt`;
	const page = await mqtt.connectAsync(url, { username: "sala", password: SECRET });
	await page.publishAsync("vagalume/sala/led/onboard/set", "ON", { qos: 1 });
	const led = genuine.broker.watch("vagalume/sala/led/onboard");
	await until(() => led()?.includes('"ON"') ?? false, 5000, "the LED");
	await page.endAsync();
});

test("broker.discover.host: the certificate counts, not what the computer that answers calls itself", {
	skip,
}, async (t) => {
	const genuine = await serve(t, "server");
	const status = genuine.broker.watch("vagalume/sala/status");
	await run(t, { secure: true, host: "localhost" }, [at("B", "raspberrypi.local", genuine.port)]);
	await until(() => status() === "online", 20_000, "online");
});

test("a computer whose name the certificate does not carry is refused, and the log says why", { skip }, async (t) => {
	const genuine = await serve(t, "local");
	const world = await run(t, { secure: true }, [at("B", "orangepi.local", genuine.port)]);
	await until(() => world.lines(/not connected/).length > 0, 20_000, "the refusal");
	assert.match(world.lines(/not connected/)[0]!, /orangepi\.local/);
	assert.deepEqual([genuine.heard(), genuine.logins], [0, []]);
});

test("a certificate that is right for its name, but for none in .local, is no broker's: it may be another node's", {
	skip,
}, async (t) => {
	const impostor = await serve(t, "misnamed");
	const genuine = await serve(t, "local");
	const world = await run(t, { secure: true }, [
		at("A", "elsewhere.example", impostor.port),
		at("B", "raspberrypi.local", genuine.port),
	]);
	const status = genuine.broker.watch("vagalume/sala/status");
	await until(() => status() === "online", 20_000, "online");
	assert.deepEqual([impostor.heard(), impostor.logins], [0, []]);
	assert.equal(world.lines(/"A" is/).length, 0);
});
