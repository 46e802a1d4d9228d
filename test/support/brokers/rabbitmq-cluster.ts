import { randomBytes } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "../free-port";
import { RabbitMQ } from "./rabbitmq";

const names = ["vagalume1@localhost", "vagalume2@localhost", "vagalume3@localhost"];

/** As docs/brokers.md gives it: three nodes that find each other by name, and sessions in queues that two of them can go on with. */
const settings = [
	"cluster_formation.peer_discovery_backend = classic_config",
	...names.map((name, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${name}`),
	"mqtt.durable_queue_type = quorum",
	"cluster_partition_handling = pause_minority",
];

/** Three RabbitMQ nodes on this computer, and before them what a cloud has as a load balancer: one address for all. */
export class RabbitMQCluster {
	readonly nodes: readonly RabbitMQ[];
	readonly #balancer: Server;
	readonly #sockets = new Set<Socket>();
	/** Indices of the nodes that are no more. */
	readonly #killed = new Set<number>();
	#turn = 0;
	/** To which node each connection goes. */
	readonly #routes = new Map<Socket, number>();

	private constructor(nodes: readonly RabbitMQ[]) {
		this.nodes = nodes;
		this.#balancer = createServer({ noDelay: true }, (client) => this.#pass(client));
	}

	static async start(): Promise<RabbitMQCluster> {
		const mapperPort = await freePort();
		const cookie = randomBytes(16).toString("hex");
		const nodes: RabbitMQ[] = [];
		for (const [index, name] of names.entries())
			nodes.push(await RabbitMQ.prepare({ name, mapperPort, mapper: index === 0, cookie, settings }));
		const cluster = new RabbitMQCluster(nodes);
		try {
			// The first one alone: it starts the mapper, and makes what the others join.
			await nodes[0]!.start();
			await Promise.all(nodes.slice(1).map((node) => node.start()));
		} catch (error) {
			await cluster.remove();
			throw error;
		}
		await new Promise<void>((resolve) => cluster.#balancer.listen(0, "127.0.0.1", resolve));
		return cluster;
	}

	/** Of the address of all, on loopback. */
	get port(): number {
		return (this.#balancer.address() as { port: number }).port;
	}

	/** How many connections go to each node. */
	get load(): number[] {
		return this.nodes.map((_, index) => [...this.#routes.values()].filter((node) => node === index).length);
	}

	/** The next connection goes to this node, those after it to the others in turn. */
	turnTo(index: number): void {
		this.#turn = index;
	}

	/** The node's process is gone, in the middle of what it does; the balancer knows it. */
	async kill(index: number): Promise<void> {
		this.#killed.add(index);
		await this.nodes[index]!.stop("KILL");
	}

	async remove(): Promise<void> {
		this.#balancer.close();
		for (const socket of this.#sockets) socket.destroy();
		// The mapper goes last: it is the first node's.
		for (const node of [...this.nodes].reverse()) await node.remove();
	}

	/** To the nodes in turn, as long as they are there. */
	#pass(client: Socket): void {
		const living = this.nodes.map((_, index) => index).filter((index) => !this.#killed.has(index));
		const index = living[this.#turn++ % living.length]!;
		const server = connect({ port: this.nodes[index]!.port, host: "127.0.0.1", noDelay: true });
		this.#routes.set(client, index);
		for (const [one, other] of [
			[client, server],
			[server, client],
		] as const) {
			this.#sockets.add(one);
			one.pipe(other);
			one.on("error", () => other.destroy());
			one.on("close", () => {
				this.#sockets.delete(one);
				this.#routes.delete(client);
				other.destroy();
			});
		}
	}
}
