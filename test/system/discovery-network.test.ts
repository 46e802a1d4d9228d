/** A node, its broker and who advertises it, on a network of their own: real multicast, real TLS, nothing in memory. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Avahi, withoutAvahi } from "../support/avahi";
import { discovering } from "../support/discovery-world";
import { LocalNetwork, withoutLocalNetwork } from "../support/local-network";
import { withoutMosquitto } from "../support/mosquitto";
import { OtherNode } from "../support/other-node";
import { OwnBroker } from "../support/own-broker";
import { Simulator } from "../support/simulator";
import { until } from "../support/until";

describe("a broker that is found on the local network", { skip: withoutMosquitto || withoutLocalNetwork }, () => {
	const other = new OtherNode(discovering({ secure: true }));
	const broker = new OwnBroker();
	let network: LocalNetwork;
	before(async () => {
		network = await LocalNetwork.create();
		broker.computer = network.computers[0];
		broker.do("init", "--host", "firefly.local");
		broker.do("add-node", "sala");
	});
	after(async () => {
		await broker.remove();
		await network.remove();
		other.remove();
	});

	/** A node, on the other computer unless said otherwise; what it said of DNS-SD once it is connected. */
	async function join({ computer = network.computers[1] } = {}): Promise<string[]> {
		const password = broker.folder.client("sala", "password");
		const login = ["--id", "sala", "--user", "sala", "--password-file", password, "--ca", broker.folder.authorities];
		const simulator = new Simulator(["--broker", "dns-sd", ...login], {
			root: other.folder,
			computer,
		});
		try {
			await simulator.ready();
			await until(() => simulator.messages("vagalume/sala/status").length > 0, 30_000, "online");
			return simulator.lines.flatMap(({ message }) => (message?.startsWith("DNS-SD") ? message : []));
		} catch (error) {
			throw new Error(
				`${(error as Error).message}: ${simulator.stderr} ${JSON.stringify(simulator.lines.slice(0, 20))}`,
			);
		} finally {
			await simulator.stop();
		}
	}

	test("broker run --advertise: a node with nothing but the authority and a password joins it", async () => {
		await broker.start("--bind", "0.0.0.0", "--advertise-as", "Vagalume da varanda");
		assert.deepEqual(await join(), [`DNS-SD: "Vagalume da varanda" is firefly.local, 192.0.2.1:${broker.port}`]);
		await broker.stop();
	});

	test("neither a default route nor, on the broker's own computer, any network is needed", async () => {
		const [one, two] = network.computers;
		await broker.start("--bind", "0.0.0.0", "--advertise-as", "Casa");
		two.do("ip route del default");
		assert.deepEqual(await join(), [`DNS-SD: "Casa" is firefly.local, 192.0.2.1:${broker.port}`]);
		two.do("ip route add default dev lan0");
		one.do("ip addr del 192.0.2.1/24 dev lan0");
		assert.deepEqual(await join({ computer: one }), [`DNS-SD: "Casa" is firefly.local, 127.0.0.1:${broker.port}`]);
		one.do("ip addr add 192.0.2.1/24 dev lan0; ip route add default dev lan0");
		await broker.stop();
	});

	test("Debian's Avahi, with the broker's service file", { skip: withoutAvahi }, async () => {
		await broker.start("--bind", "0.0.0.0", "--port", "8883");
		const avahi = await Avahi.start(network.computers[0], "firefly", [broker.folder.avahi]);
		try {
			assert.deepEqual(await join(), ['DNS-SD: "Vagalume on firefly" is firefly.local, 192.0.2.1:8883']);
		} finally {
			await avahi.stop();
			await broker.stop();
		}
	});
});
