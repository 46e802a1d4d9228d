import type { Duplex } from "node:stream";
import type { TestContext } from "node:test";
import type { BrokerDiscovery } from "../../modules/description/broker-discovery";
import type { NodeDescription } from "../../modules/description/description";
import node from "../../node";
import { type AdvertisedService, answer, GROUP, MULTICAST_DNS_PORT } from "../../sim/network/dnssd-responder";
import { parseSimOptions } from "../../sim/options";
import { Simulation } from "../../sim/simulation";
import { OtherNode } from "./other-node";
import { QuietOutput } from "./quiet-output";

/** The default node, but for how it finds its broker. */
export function discovering(discover: BrokerDiscovery): NodeDescription {
	return { ...node, broker: { discover } } as NodeDescription;
}

/** A node in virtual time that finds its broker, and a network on which the test says who answers. */
export class DiscoveryWorld {
	readonly simulation: Simulation;
	readonly output: QuietOutput;
	/** Who answers now. Empty: nobody. */
	services: AdvertisedService[] | undefined;
	/** What answers in their place. */
	responder: ((query: Uint8Array) => Uint8Array[]) | undefined;
	/** Queries that came, by ms of node time. */
	readonly asked: number[] = [];
	readonly #streams = new Set<Duplex>();

	private constructor(simulation: Simulation, output: QuietOutput) {
		this.simulation = simulation;
		this.output = output;
	}

	/** Without `services` the simulator's own answer stays. Ends with the test. */
	static async start(
		t: TestContext,
		discover: BrokerDiscovery,
		services?: AdvertisedService[],
	): Promise<DiscoveryWorld> {
		const other = new OtherNode(discovering(discover));
		t.after(() => other.remove());
		const output = new QuietOutput();
		const options = parseSimOptions(["--headless", "--time", "virtual", "--id", "sala"]);
		const description = discovering(discover);
		const simulation = await Simulation.start({ options, output, root: other.folder, description });
		const world = new DiscoveryWorld(simulation, output);
		t.after(async () => {
			simulation.stop();
			await simulation.run();
		});
		if (services) world.#answer(services);
		return world;
	}

	/** A broker at an address: the simulator's own, through another door. Returns how to close that. */
	serve(address: string, port: number): () => void {
		return this.simulation.internet.serve(address, port, (stream) => {
			this.#streams.add(stream);
			this.simulation.broker!.handle(stream);
		});
	}

	/** All connections break. */
	cut(): void {
		for (const stream of this.#streams) stream.destroy();
		this.#streams.clear();
		this.simulation.internet.touch();
	}

	run(seconds: number): Promise<void> {
		return this.simulation.advance(seconds);
	}

	/** Lines of the node's log that match. */
	lines(pattern: RegExp): string[] {
		return this.output.lines.filter((line) => pattern.test(line));
	}

	#answer(services: AdvertisedService[]): void {
		this.services = services;
		const { internet, clock } = this.simulation;
		internet.receive(GROUP, MULTICAST_DNS_PORT, (query, _from, reply) => {
			this.asked.push(clock.now());
			if (this.responder) for (const packet of this.responder(query)) reply(packet);
			const packet = answer(query, this.services!);
			if (packet) reply(packet);
		});
	}
}

/** A broker that is called so, on a computer of its own. */
export function service(name: string, address: string, port: number, type = "_mqtt._tcp"): AdvertisedService {
	return { type, name, host: `${address.replaceAll(".", "-")}.local`, address, port };
}
