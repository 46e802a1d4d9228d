import { connect } from "node:net";
import { encode } from "./mqtt-bytes";

/** A bare socket that knows just enough MQTT 3.1.1 to go through a broker: what no client can be faster than. */
export class RawMQTT {
	readonly #socket;
	#rest: Buffer = Buffer.alloc(0);
	#out: Uint8Array[] = [];
	#id = 0;
	readonly #publish: Buffer;
	/** Where PUBLISH has its packet identifier, 0 for none. */
	readonly #idAt: number;
	readonly #onMessage: () => void;
	readonly #onReady: () => void;

	constructor(
		port: number,
		{ topic, QoS, size }: { topic: string; QoS: 0 | 1 | 2; size: number },
		onReady: () => void,
		onMessage: () => void,
	) {
		this.#onReady = onReady;
		this.#onMessage = onMessage;
		const payload = Buffer.alloc(size, 120);
		this.#publish = Buffer.from(encode({ cmd: "publish", topic, payload, qos: QoS, messageId: 1 } as never));
		this.#idAt = QoS === 0 ? 0 : this.#publish.length - size - 2;
		this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
		this.#socket.on("data", (chunk: Buffer) => this.#data(chunk));
		this.#socket.write(
			encode({
				cmd: "connect",
				protocolId: "MQTT",
				protocolVersion: 4,
				clean: true,
				clientId: "raw",
				keepalive: 0,
			} as never),
		);
		this.#socket.write(encode({ cmd: "subscribe", messageId: 65535, subscriptions: [{ topic, qos: QoS }] } as never));
	}

	/** Sends a message: with the next write. */
	publish(): void {
		const packet = Buffer.from(this.#publish);
		if (this.#idAt > 0) {
			this.#id = (this.#id % 60_000) + 1;
			packet.writeUInt16BE(this.#id, this.#idAt);
		}
		this.#out.push(packet);
	}

	/** Writes all that is to be sent. */
	flush(): void {
		if (this.#out.length > 0) this.#socket.write(Buffer.concat(this.#out.splice(0)));
	}

	close(): void {
		this.#socket.destroy();
	}

	#data(chunk: Buffer): void {
		const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
		let at = 0;
		for (;;) {
			let length = 0;
			let shift = 0;
			let body = at + 1;
			while (body < bytes.length && bytes[body]! > 127) {
				length |= (bytes[body++]! & 127) << shift;
				shift += 7;
			}
			if (body >= bytes.length) break;
			length |= bytes[body++]! << shift;
			if (body + length > bytes.length) break;
			this.#packet(bytes[at]!, bytes, body);
			at = body + length;
		}
		this.#rest = bytes.subarray(at);
		this.flush();
	}

	#packet(first: number, bytes: Buffer, body: number): void {
		const answer = (type: number, at: number) => this.#out.push(Uint8Array.of(type, 2, bytes[at]!, bytes[at + 1]!));
		switch (first >> 4) {
			case 3: {
				const id = body + 2 + bytes.readUInt16BE(body);
				const QoS = (first >> 1) & 3;
				if (QoS > 0) answer(QoS === 1 ? 0x40 : 0x50, id);
				if (QoS < 2) this.#onMessage();
				break;
			}
			case 5:
				answer(0x62, body);
				break;
			case 6:
				answer(0x70, body);
				this.#onMessage();
				break;
			case 9:
				this.#onReady();
				break;
		}
	}
}
