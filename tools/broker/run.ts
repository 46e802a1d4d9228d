import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { configuration } from "../../deploy/mosquitto/configuration";
import { daysLeft } from "./authority";
import { BrokerError } from "./broker-error";
import { RENEW, renewServer } from "./changes";
import type { BrokerFolder } from "./folder";
import { MosquittoProcess, requireMosquitto } from "./mosquitto-program";
import type { RunOptions } from "./options";
import { runningBroker } from "./running";
import { writeFileWhole } from "./write-file";

const DAY = 86_400_000;
/** What mosquitto opens beside connections. */
const SPARE_FILES = 64;
const PORTS = 3;

/** Runs the system's mosquitto with this folder until it is told to end (SIGINT, SIGTERM). Throws BrokerError. */
export async function runBroker(folder: BrokerFolder, options: RunOptions): Promise<number> {
	requireMosquitto();
	const running = runningBroker(folder);
	if (running) throw new BrokerError(`it runs already, on port ${running.port} (process ${running.pid})`);
	await folder.alone(() => renewal(folder));
	prepare(folder, options);
	const say = (text: string) => void process.stderr.write(text);
	// Signals count from the start: whoever sends one early means it, too.
	const stopping = new Promise<void>((resolve) => {
		process.once("SIGINT", resolve);
		process.once("SIGTERM", resolve);
	});
	const files = SPARE_FILES + PORTS * options.connections;
	const broker = await MosquittoProcess.start(folder.mosquitto("mosquitto.conf"), options.port, files, say);
	const { port, webSocketPort, certificatePort } = options;
	const noted = { pid: broker.pid, port, webSocketPort, certificatePort };
	writeFileWhole(folder.process, `${JSON.stringify(noted)}\n`);
	process.on("SIGHUP", () => broker.reload());
	const timer = setInterval(() => {
		folder
			.alone(() => renewal(folder))
			.then((renewed) => renewed && broker.reload())
			.catch((error) => say(`vagalume broker: the server's certificate was not renewed: ${error.message}\n`));
	}, DAY);
	process.stdout.write(
		`ready  mqtts://localhost:${port}  wss://localhost:${webSocketPort}  with client certificates mqtts://localhost:${certificatePort}\n`,
	);
	const ended = await Promise.race([stopping.then(() => false), broker.ended.then(() => true)]);
	clearInterval(timer);
	await broker.stop();
	rmSync(folder.process, { force: true });
	if (!ended) return 0;
	say(`vagalume broker: mosquitto ended by itself: ${broker.last}\n`);
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

async function renewal(folder: BrokerFolder): Promise<boolean> {
	const renewed = await renewServer(folder);
	if (renewed) process.stderr.write("vagalume broker: the server's certificate was renewed\n");
	const left = daysLeft(readFileSync(folder.authorities, "utf8"));
	if (left < 12 * RENEW)
		process.stderr.write(`vagalume broker: the authority ends in ${left} days: rotate --authority begin\n`);
	return renewed;
}
