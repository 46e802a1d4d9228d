import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { type DecodedPacket, decode, encode, type Packet, type Question } from "dns-packet";
import { root } from "../../tools/root";
import type { LocalComputer } from "./local-network";
import { until } from "./until";

const GROUP = "224.0.0.251";
const PORT = 5353;

/** A DNS message that came, as it came. */
export interface Heard {
	readonly address: string;
	readonly port: number;
	/** ms. */
	readonly time: number;
	readonly packet: DecodedPacket & { readonly id: number };
	/** In bytes. */
	readonly size: number;
}

/** Whoever asks by multicast DNS, or listens to it, on a computer of the test's own. */
export class MdnsPeer {
	readonly heard: Heard[] = [];
	/** Its UDP port. */
	port = 0;
	readonly #child: ChildProcess;

	private constructor(computer: LocalComputer, port: number) {
		const script = join(root, "test/support/udp-socket.js");
		this.#child = computer.spawn([process.execPath, script, computer.address, String(port)], {
			stdio: ["pipe", "pipe", "inherit"],
		});
		let rest = "";
		this.#child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
			const lines = (rest + chunk).split("\n");
			rest = lines.pop()!;
			for (const line of lines) this.#hear(JSON.parse(line));
		});
	}

	/** Port 0: a free one, as a one-shot querier has it (RFC 6762 §5.1); 5353: one that also hears what is multicast. */
	static async open(computer: LocalComputer, port = 0): Promise<MdnsPeer> {
		const peer = new MdnsPeer(computer, port);
		await until(() => peer.port > 0, 5_000, "a socket");
		return peer;
	}

	#hear(line: { bound?: number; address: string; port: number; time: number; data: string }): void {
		if (line.bound !== undefined) {
			this.port = line.bound;
			return;
		}
		const data = Buffer.from(line.data, "base64");
		let packet: Heard["packet"];
		try {
			packet = decode(data) as Heard["packet"];
		} catch {
			// What others send here may be no message.
			return;
		}
		this.heard.push({ address: line.address, port: line.port, time: line.time, packet, size: data.length });
	}

	/** Sends bytes to everybody, or to one address. */
	send(data: Uint8Array, { times = 1, address = GROUP }: { times?: number; address?: string } = {}): void {
		const line = { address, port: PORT, data: Buffer.from(data).toString("base64"), times };
		this.#child.stdin!.write(`${JSON.stringify(line)}\n`);
	}

	/** Asks everybody. */
	ask(questions: readonly Question[], more: Packet = {}): void {
		this.send(encode({ type: "query", id: 0, ...more, questions: [...questions] }));
	}

	/** The first response, from now on, that `wanted` takes. */
	async response(wanted: (packet: Heard["packet"]) => boolean = () => true, timeout = 3_000): Promise<Heard> {
		let found: Heard | undefined;
		const find = () => {
			found = this.heard.find(({ packet }) => packet.type === "response" && wanted(packet));
			return found !== undefined;
		};
		await until(find, timeout, `a response among ${JSON.stringify(this.heard.map(({ packet }) => packet))}`);
		return found!;
	}

	/** Asks, and waits for the answer to that very query. */
	async answer(name: string, type: string, id: number): Promise<Heard> {
		this.ask([{ name, type: type as "A" }], { id });
		return this.response((packet) => packet.id === id);
	}

	async close(): Promise<void> {
		const ended = new Promise((resolve) => this.#child.once("close", resolve));
		this.#child.stdin!.end();
		await ended;
	}
}
