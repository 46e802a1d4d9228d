import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { listenNear } from "../listen";
import { UsageError } from "../usage";
import { readAction } from "./actions";
import { joinBoard } from "./board-socket";
import { readJson } from "./body";
import { refusal, securityHeaders } from "./guard";
import { type BrokerDoor, bridge, bridgeOptions } from "./mqtt-bridge";
import { NodeWatch } from "./node-watch";
import { builtPage } from "./page-build";
import { type PageFile, readPage } from "./page-files";
import type { PanelNode } from "./panel-node";
import type { NodeSummary } from "./protocol";
import { RequestError } from "./request-error";

const LOOPBACK = "127.0.0.1";
const PAGE = "/index.html";
/** Bytes of an action: an order may carry a long payload. */
const LARGEST_BODY = 16_384;
/** Pages that may watch at a time, and connections to the broker. */
const MOST_FEEDS = 64;

export interface PanelOptions {
	readonly nodes: readonly PanelNode[];
	/** The next free port is taken when it is in use; 0 lets the system choose. */
	readonly port: number;
	/** 127.0.0.1 when omitted: this computer only. */
	readonly host?: string;
	/** Of the broker that the nodes use. */
	brokerUrl(): string | undefined;
	/** Leads pages to that broker. */
	readonly broker: BrokerDoor;
}

/** The web panel: a page for each node on this computer only, and a list of them when there are several. */
export class Panel {
	readonly #watches: ReadonlyMap<string, NodeWatch>;
	readonly #files: ReadonlyMap<string, PageFile>;
	readonly #server: Server;
	readonly #broker: BrokerDoor;
	/** It serves other computers. */
	readonly #open: boolean;
	readonly #boards = new WebSocketServer({ noServer: true, maxPayload: LARGEST_BODY });
	readonly #brokers = new WebSocketServer({ noServer: true, handleProtocols: () => "mqtt", ...bridgeOptions });
	#url = "";

	/** Listens. Throws when no port is free, UsageError when this computer has no such address. */
	static async start(options: PanelOptions): Promise<Panel> {
		const panel = new Panel(options, readPage(await builtPage()));
		const { port, host = LOOPBACK } = options;
		const shown = isUnspecified(host) ? LOOPBACK : host.includes(":") ? `[${host}]` : host;
		try {
			panel.#url = `http://${shown}:${await listenNear(panel.#server, port, host)}`;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EADDRNOTAVAIL") throw error;
			throw new UsageError(`--panel-host ${host}: this computer has no such address`);
		}
		return panel;
	}

	private constructor(
		{ nodes, brokerUrl, broker, host = LOOPBACK }: PanelOptions,
		files: ReadonlyMap<string, PageFile>,
	) {
		this.#watches = new Map(nodes.map((node) => [node.id, new NodeWatch(node, brokerUrl)]));
		this.#files = files;
		this.#broker = broker;
		this.#open = host !== LOOPBACK && host !== "::1";
		this.#server = createServer((request, response) => {
			this.#answer(request, response).catch((error: unknown) => fail(request, response, error));
		});
		this.#server.on("upgrade", (request, socket, head) => {
			try {
				this.#upgrade(request, socket, head);
			} catch (error) {
				refuse(socket, error);
			}
		});
	}

	/** Where the page is, without a slash at the end. */
	get url(): string {
		return this.#url;
	}

	/** Ends all connections; resolves when the port is free again. */
	async close(): Promise<void> {
		const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
		for (const watch of this.#watches.values()) watch.close();
		for (const { clients } of [this.#boards, this.#brokers]) for (const client of clients) client.terminate();
		this.#server.closeAllConnections();
		await closed;
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value!);
		const refused = refusal(request.headers, this.#open);
		if (refused !== undefined) throw new RequestError(403, refused);
		const pathname = request.url?.split("?", 1)[0] ?? "/";
		const [, place, id, what, ...rest] = pathname.split("/");
		if (place !== "nodes" || rest.length > 0) return this.#file(request, response, pathname === "/" ? PAGE : pathname);
		if (id === undefined) return this.#list(request, response);
		const watch = this.#watch(id);
		if (what === undefined) return this.#file(request, response, PAGE);
		if (what !== "actions") throw new RequestError(404, `"${pathname}" is unknown`);
		allow(request, "POST");
		watch.act(readAction(await readJson(request, LARGEST_BODY)));
		response.writeHead(204).end();
	}

	#file(request: IncomingMessage, response: ServerResponse, path: string): void {
		const file = this.#files.get(path);
		if (!file) throw new RequestError(404, `"${path}" is unknown`);
		allow(request, "GET", "HEAD");
		response.writeHead(200, { "content-type": file.type, "content-length": file.bytes.length });
		response.end(request.method === "HEAD" ? undefined : file.bytes);
	}

	#list(request: IncomingMessage, response: ServerResponse): void {
		allow(request, "GET");
		const nodes: NodeSummary[] = [...this.#watches.values()].map((watch) => watch.summary);
		response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(nodes));
	}

	#upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
		const refused = refusal(request.headers, this.#open);
		if (refused !== undefined) throw new RequestError(403, refused);
		const [, place, id = "", what, ...rest] = request.url?.split("?", 1)[0]?.split("/") ?? [];
		if (place === "mqtt" && id === "") {
			if (this.#brokers.clients.size >= MOST_FEEDS) throw full();
			this.#brokers.handleUpgrade(request, socket, head, (page) => bridge(page, this.#broker));
			return;
		}
		if (place !== "nodes" || what !== "socket" || rest.length > 0)
			throw new RequestError(404, `"${request.url}" is no WebSocket of the panel's`);
		const watch = this.#watch(id);
		if (this.#boards.clients.size >= MOST_FEEDS) throw full();
		this.#boards.handleUpgrade(request, socket, head, (page) => joinBoard(page, watch));
	}

	/** Throws RequestError 404. */
	#watch(id: string): NodeWatch {
		const watch = this.#watches.get(id);
		if (watch) return watch;
		throw new RequestError(404, `node "${id}" is unknown: there is ${[...this.#watches.keys()].join(", ")}`);
	}
}

function isUnspecified(host: string): boolean {
	return host === "0.0.0.0" || host === "::";
}

function full(): RequestError {
	return new RequestError(503, `${MOST_FEEDS} pages are open: close one`);
}

/** Refuses an upgrade. */
function refuse(socket: Duplex, error: unknown): void {
	const status = error instanceof RequestError ? error.status : 500;
	const body = JSON.stringify({ error: error instanceof Error ? error.message : String(error) });
	const length = Buffer.byteLength(body);
	socket.on("error", () => {});
	socket.end(
		`HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`,
	);
}

function allow(request: IncomingMessage, ...methods: readonly string[]): void {
	if (!methods.includes(request.method ?? ""))
		throw new RequestError(405, `method ${request.method}: expected ${methods.join(" or ")}`);
}

/** Answers with the error; what is no RequestError is a defect of the simulator, and said to be one. */
function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
	if (response.headersSent || response.destroyed) {
		response.destroy();
		return;
	}
	const status = error instanceof RequestError ? error.status : 500;
	const message = error instanceof Error ? error.message : String(error);
	// A body that nobody reads would hold up the connection's next request.
	if (!request.complete) response.setHeader("connection", "close");
	response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error: message }));
}
