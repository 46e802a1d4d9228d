import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { configuration } from "../../deploy/mosquitto/configuration";
import { advertiser } from "./advertise";
import { daysLeft } from "./authority";
import { BrokerError } from "./broker-error";
import { RENEW, renewServer } from "./changes";
import type { BrokerFolder } from "./folder";
import { MosquittoProcess, requireMosquitto } from "./mosquitto-program";
import type { RunOptions } from "./options";
import { runningBroker } from "./running";
import { localName } from "./state";
import { writeFileWhole } from "./write-file";

const DAY = 86_400_000;
/** What mosquitto opens beside connections. */
const SPARE_FILES = 64;
const PORTS = 3;

/**
 * Runs the system's mosquitto with this folder until it is told to end (SIGINT, SIGTERM), or its terminal is closed. Every day, and at SIGHUP, it looks
 * whether the server's certificate is to be renewed, and has mosquitto read its files again. Throws BrokerError.
 */
export async function runBroker(folder: BrokerFolder, options: RunOptions): Promise<number> {
	requireMosquitto();
	const running = runningBroker(folder);
	if (running) throw new BrokerError(`it runs already, on port ${running.port} ('kill ${running.pid}' ends it)`);
	await folder.alone(() => renewal(folder));
	prepare(folder, options);
	const say = (text: string) => void process.stderr.write(text);
	const { port, webSocketPort, certificatePort } = options;
	const address = addressOf(options.bind);
	// Signals count from the start: whoever sends one early means it, too.
	let stop: () => void;
	const stopping = new Promise<string>((resolve) => {
		stop = () => resolve("");
		for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
	});
	const attended = process.stdout.isTTY;
	let broker: MosquittoProcess;
	let failed: (why: string) => void;
	const failing = new Promise<string>((resolve) => {
		failed = resolve;
	});
	const start = async () => {
		const files = SPARE_FILES + PORTS * options.connections;
		const fresh = await MosquittoProcess.start(folder.mosquitto("mosquitto.conf"), address, port, files, say);
		broker = fresh;
		writeFileWhole(
			folder.process,
			`${JSON.stringify({ pid: fresh.pid, address, port, webSocketPort, certificatePort })}\n`,
		);
		fresh.ended.then(() => fresh.stopped || failed("mosquitto ended by itself: its log is above"));
	};
	const responder = await advertiser(folder, options);
	try {
		await start();
	} catch (error) {
		await responder?.close();
		throw error;
	}
	const look = async () => {
		try {
			if (!(await folder.alone(() => renewal(folder)))) return broker.reload();
			// Mosquitto 2.0 shows a new certificate over WebSocket only when it starts anew. Sessions are on the disk.
			await broker.stop();
			await start();
		} catch (error) {
			say(`vagalume broker: ${(error as Error).message}\n`);
			if (!broker.running) failed("mosquitto could not be started again");
		}
	};
	let looking = Promise.resolve();
	const lookNext = () => {
		looking = looking.then(look);
	};
	const hangUp = () => (attended && terminalGone() ? stop() : lookNext());
	process.on("SIGHUP", hangUp);
	const timer = setInterval(lookNext, DAY);
	if (responder) {
		responder.announce();
		process.stdout.write(`the local network is told: "${options.advertise}", ${localName(folder.read())}:${port}\n`);
	}
	process.stdout.write(
		`ready  mqtts://localhost:${port}  wss://localhost:${webSocketPort}  with client certificates mqtts://localhost:${certificatePort}\n`,
	);
	const why = await Promise.race([stopping, failing]);
	clearInterval(timer);
	process.off("SIGHUP", hangUp);
	await responder?.close();
	// It may be about to start mosquitto anew.
	await looking;
	await broker!.stop();
	rmSync(folder.process, { force: true });
	if (why === "") return 0;
	say(`vagalume broker: ${why}\n`);
	return 1;
}

/** Writes mosquitto.conf. */
export function prepare(folder: BrokerFolder, options: RunOptions): void {
	mkdirSync(folder.data, { recursive: true, mode: 0o700 });
	const text = configuration({
		bind: options.bind,
		port: options.port,
		webSocketPort: options.webSocketPort,
		certificatePort: options.certificatePort,
		connections: options.connections,
		passwords: folder.mosquitto("passwords"),
		acl: folder.mosquitto("acl"),
		certificate: folder.server,
		key: folder.server,
		clientAuthorities: folder.mosquitto("client-authorities.crt"),
		revoked: folder.mosquitto("revoked.crl"),
		data: folder.data,
		log: "stderr",
		// Else it becomes the system's user, who cannot read this folder.
		user: process.getuid?.() === 0 ? "root" : undefined,
	});
	writeFileWhole(folder.mosquitto("mosquitto.conf"), text);
}

/** SIGHUP came because nobody sees this any more: the broker would go on, and hold its port. */
function terminalGone(): boolean {
	try {
		closeSync(openSync("/dev/tty", "r+"));
		return false;
	} catch {
		for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
		return true;
	}
}

/** Where to reach what listens on an address. */
function addressOf(bind: string | undefined): string {
	if (bind === "::") return "::1";
	return bind === undefined || bind === "0.0.0.0" ? "127.0.0.1" : bind;
}

async function renewal(folder: BrokerFolder): Promise<boolean> {
	const renewed = await renewServer(folder);
	if (renewed) process.stderr.write("vagalume broker: the server's certificate was renewed\n");
	const left = daysLeft(readFileSync(folder.authorities, "utf8"));
	if (left < 12 * RENEW)
		process.stderr.write(`vagalume broker: the authority ends in ${left} days: rotate --authority begin\n`);
	return renewed;
}
