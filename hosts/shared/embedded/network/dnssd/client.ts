import type { DiscoverOptions } from "embedded:network/dnssd";
import { checkOptions } from "../../options";
import { Discovery, type DiscoveryOwner } from "./discovery";
import { type Name, queryOf, Response } from "./message";

/** Where all of a link listen (RFC 6762 §3). */
const GROUP = "224.0.0.251";
const PORT = 5353;

/** What it needs of its UDP socket: any ECMA-419 class will do. */
interface Socket {
	read(): (ArrayBuffer & { readonly port: number }) | undefined;
	write(data: ByteBuffer, address: string, port: number): void;
	close(): void;
}
type SocketConstructor = new (options: Record<string, unknown>) => Socket;

/**
 * ECMA-419 §29, DNS-SD: `discover`. It asks by multicast from a free port, and is answered alone (one-shot queries, RFC 6762
 * §5.1, §6.7): that needs no membership in a multicast group, and leaves port 5353 to whom it belongs on a computer.
 * `claim` and `advertise` are not there.
 */
class DNSSD implements DiscoveryOwner {
	#options: Record<string, unknown> | undefined;
	readonly #discoveries: Discovery[] = [];
	#socket: Socket | undefined;
	/** Of all its queries: tells the answers to them from those to others who ask here. 1..65,535 */
	readonly #id = 1 + Math.floor(Math.random() * 0xffff);

	constructor(options: { socket: { io: unknown; [option: string]: unknown } }) {
		checkOptions("DNSSD", options);
		const { socket } = options;
		if (typeof socket?.io !== "function") throw new TypeError("DNSSD: socket is required: UDP options with io");
		this.#options = socket;
	}

	/** Ends all discoveries. */
	close(): void {
		this.#options = undefined;
		for (const discovery of [...this.#discoveries]) discovery.close();
	}

	/**
	 * Looks for the instances of a service until what it returns is closed.
	 *
	 * @throws TypeError, RangeError: an option is missing or wrong; what the socket's constructor throws
	 */
	discover(options: DiscoverOptions): Discovery {
		if (!this.#options) throw new Error("DNSSD: closed");
		checkOptions("DNSSD discover", options);
		const discovery = new Discovery(options, this);
		this.#discoveries.push(discovery);
		try {
			this.#socket ??= new (this.#options["io"] as SocketConstructor)({
				...this.#options,
				onReadable: () => this.#readable(),
			});
		} catch (error) {
			discovery.close();
			throw error;
		}
		return discovery;
	}

	/** For a discovery. */
	ask(name: Name, type: number): void {
		try {
			this.#socket?.write(queryOf(this.#id, name, type), GROUP, PORT);
		} catch {
			// The network may be back at the next time to ask.
		}
	}

	/** For a discovery. */
	ended(discovery: Discovery): void {
		const index = this.#discoveries.indexOf(discovery);
		if (index >= 0) this.#discoveries.splice(index, 1);
		if (this.#discoveries.length > 0) return;
		this.#socket?.close();
		this.#socket = undefined;
	}

	#readable(): void {
		for (;;) {
			const packet = this.#socket?.read();
			if (!packet) return;
			// RFC 6762 §6: from another port it is none.
			if (packet.port !== PORT) continue;
			const response = new Response(packet);
			const { id } = response;
			// Some say 0, as the multicast answers of others do (RFC 6762 §18.1).
			if (id === undefined || (id !== 0 && id !== this.#id)) continue;
			for (const discovery of [...this.#discoveries]) discovery.take(response);
		}
	}
}

export default DNSSD;
