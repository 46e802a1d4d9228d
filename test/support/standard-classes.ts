/** Client classes that have no more than ECMA-419 §25: Moddable's own, where there is an SDK, and one that shows as little. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import MQTTClient from "../../modules/mqtt/client";
import type { ControlMessage, MessageInfo, MQTTClientOptions, WriteOptions } from "../../modules/mqtt/options";
import { MQTTError } from "../../modules/mqtt/packet/error";
import type { StandardClientOptions } from "../../modules/mqtt/standard-client";

export type StandardClass = StandardClientOptions["standard"];

/** In the forms of Moddable's class, over this project's: session-present, retain, duplicate, identifier, reasons and `onClose` are hidden. */
export class Reticent {
	readonly target: unknown;
	readonly #client: MQTTClient;
	#reading = false;

	constructor(options: MQTTClientOptions) {
		this.target = options.target;
		const { onControl, onReadable, onWritable, onError } = options as unknown as Record<
			string,
			(this: Reticent, ...values: unknown[]) => void
		>;
		this.#client = new MQTTClient({
			...options,
			timeout: 30_000,
			target: undefined,
			onControl: ({ sessionPresent: _, ...message }: ControlMessage) => onControl?.call(this, message),
			onReadable: (count, { topic, QoS, byteLength, more }: MessageInfo) => {
				// Moddable's class does not call for an empty message.
				if (byteLength === 0) return;
				this.#reading = true;
				onReadable?.call(this, count, topic === undefined ? { more } : { topic, QoS, byteLength, more });
				this.#reading = false;
			},
			onWritable: (count) => onWritable?.call(this, count),
			onError: undefined as never,
			// It comes after `onError`; after DISCONNECT, alone.
			onClose: () => onError?.call(this),
		});
	}

	read(target: never): ArrayBuffer | number | undefined {
		return this.#client.read(target);
	}

	write(data: ByteBuffer | null, options?: WriteOptions): number {
		try {
			return this.#client.write(data, options);
		} catch (error) {
			throw new Error(error instanceof MQTTError && error.code === "overflow" ? "overflow" : "");
		}
	}

	close(): void {
		if (this.#reading) throw new Error("Moddable's class ends the machine here");
		this.#client.close();
	}
}

// Moddable's class traces its errors; what a test writes on stdout would get between what the test runner reads there.
globalThis.trace = () => {};

const file = join(process.env["MODDABLE"] ?? "", "examples", "io", "tcp", "mqttclient", "mqttclient.js");

/** For the `skip` option: why Moddable's class is not here, or false. */
export const withoutModdableClass: string | false =
	process.env["MODDABLE"] === undefined
		? "no Moddable SDK: MODDABLE is not set"
		: !existsSync(file) && "this SDK has no examples/io/tcp/mqttclient";

/** Moddable's class, from the SDK's sources: as a file whose name says that it is a module, which Node.js wants. */
async function load(): Promise<StandardClass> {
	const folder = mkdtempSync(join(tmpdir(), "vagalume-moddable-class-"));
	try {
		const copy = join(folder, "mqttclient.mjs");
		copyFileSync(file, copy);
		return ((await import(pathToFileURL(copy).href)) as { default: StandardClass }).default;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

export const moddableClass: StandardClass | undefined = withoutModdableClass ? undefined : await load();
