import { createHash, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { archiveOf, packArchive } from "../../hosts/desktop/firmware/archive";
import { FirmwareLoader } from "../../hosts/desktop/firmware/loader";
import type { Release } from "../../modules/update/release";
import { sequenceOf } from "../../modules/update/version";
import { blockFor } from "../../tools/ota/blocks";
import { announcementOf } from "../../tools/ota/fleet";
import { serveImages } from "../../tools/ota/image-server";
import { signRelease } from "../../tools/release/sign";
import { root } from "../../tools/root";
import { releaseOf, signingKey } from "./release";
import type { VirtualSimulation } from "./virtual-simulation";

/** How an image comes to a node. */
export const transports = ["MQTT", "HTTP"] as const;
export type Transport = (typeof transports)[number];

/** Name of the owner's web server. */
const WEB = "images.simulated";

/** Whoever sends updates to nodes in virtual time: keys, releases, and their images, by the broker or by a web server. */
export class Owner {
	readonly privateKey: KeyObject;
	/** The file of the public key, for `--release-key`. */
	readonly keyFile: string;
	readonly folder = mkdtempSync(join(tmpdir(), "vagalume-owner-"));
	readonly images = new Map<string, Uint8Array>();
	/** Of the web server: by their paths. */
	readonly files = new Map<string, Uint8Array>();
	transport: Transport = "MQTT";
	/** Blocks that were asked for and given. */
	given = 0;
	/** Bytes of images that the web server sent. */
	bytes = 0;
	/** Connections to the web server, and those that are open. */
	connections = 0;
	readonly open = new Set<Duplex>();
	/** Stands for the web server when it is set. */
	web: RequestListener | undefined;
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
		this.files.set(`${sha256}/simulator.bin`, image);
		const images = { simulator: { size: image.length, sha256 } };
		const sequence = sequenceOf(changes.version ?? "1.1.0");
		return signRelease(releaseOf({ expires: EXPIRES, images, sequence, ...changes }), key);
	}

	/** The node is told of a release so. */
	announcement(release: string): string {
		return announcementOf({ text: release, ...(this.transport === "HTTP" && { url: this.urlOf(release) }) });
	}

	urlOf(release: string): string {
		let sha256: string | undefined;
		try {
			const payload = Buffer.from(release.split(".")[1] ?? "", "base64url").toString();
			sha256 = (JSON.parse(payload) as Release).images.simulator?.sha256;
		} catch {
			// It is no release.
		}
		return `http://${WEB}/${sha256 ?? "none"}/`;
	}

	/** What nodes are started with. */
	get options(): string[] {
		return ["--release-key", this.keyFile, ...(this.transport === "HTTP" ? ["--update-over-http"] : [])];
	}

	/** Answers the requests of the nodes of a simulation. */
	serve(world: Pick<VirtualSimulation, "output" | "simulation">): void {
		this.given = this.bytes = this.connections = 0;
		if (this.transport === "HTTP") this.serveWeb(world);
		else this.serveBlocks(world);
	}

	private serveWeb({ simulation: { internet, clock } }: Pick<VirtualSimulation, "simulation">): void {
		const images = serveImages(this.files);
		const server = createServer((request, response) => {
			internet.touch();
			const end = response.end.bind(response);
			const send = (part: Uint8Array) => {
				internet.touch();
				this.bytes += part.length;
				end(part);
			};
			response.end = ((part?: Uint8Array): ServerResponse => {
				if (!part) return end();
				const sent = this.onBlock(Buffer.from(part));
				if (!sent) return response;
				this.given++;
				if (this.delay > 0) clock.set(() => send(sent), this.delay);
				else send(sent);
				return response;
			}) as typeof response.end;
			(this.web ?? images)(request, response);
		});
		server.keepAliveTimeout = server.requestTimeout = server.headersTimeout = 0;
		internet.serve(WEB, 80, (stream) => {
			this.connections++;
			this.open.add(stream);
			stream.on("error", () => {});
			stream.on("close", () => this.open.delete(stream));
			server.emit("connection", stream);
		});
	}

	private serveBlocks({ output, simulation }: Pick<VirtualSimulation, "output" | "simulation">): void {
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
