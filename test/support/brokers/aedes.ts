import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Aedes, type AuthenticateError } from "aedes";
import { type Broker, forbidden, user } from "./broker";

const isForbidden = (topic: string) => topic.startsWith(`${forbidden}/`);

/** The broker that the simulator embeds, in this process, with users and access control. It keeps nothing when it ends. */
export class AedesBroker implements Broker {
	port = 0;
	#aedes!: Aedes;
	#server!: Server;
	readonly #sockets = new Set<Socket>();

	static async start(): Promise<AedesBroker> {
		const broker = new AedesBroker();
		await broker.start();
		return broker;
	}

	async start(): Promise<void> {
		const aedes = await Aedes.createBroker({ maxClientsIdLength: 128 });
		aedes.authenticate = (_client, name, password, done) => {
			if (name === undefined || (name === user.name && `${password}` === user.password)) done(null, true);
			else done(Object.assign(new Error("wrong"), { returnCode: 4 }) as AuthenticateError, false);
		};
		aedes.authorizeSubscribe = (_client, subscription, done) =>
			done(null, isForbidden(subscription.topic) ? null : subscription);
		aedes.authorizePublish = (_client, packet, done) => done(isForbidden(packet.topic) ? new Error("forbidden") : null);
		this.#aedes = aedes;
		this.#server = createServer((socket) => {
			socket.setNoDelay(true);
			this.#sockets.add(socket);
			socket.once("close", () => this.#sockets.delete(socket));
			aedes.handle(socket, undefined as never);
		});
		await new Promise<void>((resolve) => this.#server.listen(this.port, "127.0.0.1", resolve));
		this.port = (this.#server.address() as AddressInfo).port;
	}

	async stop(): Promise<void> {
		this.#server.close();
		for (const socket of this.#sockets) socket.destroy();
		await new Promise<void>((resolve) => this.#aedes.close(resolve));
	}

	async remove(): Promise<void> {
		await this.stop();
	}
}
