import { createHash, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archiveOf, packArchive } from "../../hosts/desktop/firmware/archive";
import { FirmwareLoader } from "../../hosts/desktop/firmware/loader";
import type { Release } from "../../modules/update/release";
import { sequenceOf } from "../../modules/update/version";
import { blockFor } from "../../tools/ota/blocks";
import { signRelease } from "../../tools/release/sign";
import { root } from "../../tools/root";
import { releaseOf, signingKey } from "./release";
import type { VirtualSimulation } from "./virtual-simulation";

/** Whoever sends updates to nodes in virtual time: keys, releases, and their images in blocks. */
export class Owner {
	readonly privateKey: KeyObject;
	/** The file of the public key, for `--release-key`. */
	readonly keyFile: string;
	readonly folder = mkdtempSync(join(tmpdir(), "vagalume-owner-"));
	readonly images = new Map<string, Uint8Array>();
	/** Blocks that were asked for and given. */
	given = 0;
	/** ms until a block is sent. */
	delay = 0;
	/** What becomes of a block on its way; undefined: it is lost. */
	onBlock: (block: Buffer) => Buffer | undefined = (block) => block;

	constructor() {
		const { privateKey, publicKey } = signingKey();
		this.privateKey = privateKey;
		this.keyFile = join(this.folder, "release.pub");
		writeFileSync(this.keyFile, publicKey.export({ format: "pem", type: "spki" }));
	}

	/** A release of an image, signed. */
	sign(image: Uint8Array, changes: Partial<Release> = {}, key = this.privateKey): string {
		const sha256 = createHash("sha256").update(image).digest("base64url");
		this.images.set(sha256, image);
		const images = { simulator: { size: image.length, sha256 } };
		const sequence = sequenceOf(changes.version ?? "1.1.0");
		return signRelease(releaseOf({ expires: EXPIRES, images, sequence, ...changes }), key);
	}

	/** Answers the requests of the nodes of a simulation. */
	serve({ output, simulation }: Pick<VirtualSimulation, "output" | "simulation">): void {
		output.onMessage = ({ direction, topic, payload }) => {
			if (direction !== "out" || !topic.endsWith("/update/request")) return;
			const block = blockFor(payload.toString(), this.images);
			const sent = block && this.onBlock(block);
			if (!sent) return;
			this.given++;
			const send = () => simulation.order(topic.replace(/request$/, "block"), sent);
			if (this.delay > 0) simulation.clock.set(send, this.delay);
			else send();
		};
	}

	close(): void {
		rmSync(this.folder, { recursive: true });
	}
}

const EXPIRES = Date.UTC(2026, 11, 31) / 1000;

/** This project's firmware as an image, with files replaced. */
export function imageOf(version: string, changes: Readonly<Record<string, string>> = {}): Uint8Array {
	const lines = Buffer.from(packArchive(new FirmwareLoader(root), root, version))
		.toString()
		.trimEnd()
		.split("\n");
	const modules = lines.slice(1, -1).map((line) => JSON.parse(line) as [string, string]);
	return archiveOf(
		version,
		modules.map(([path, code]) => [path, changes[path] ?? code] as const),
	);
}
