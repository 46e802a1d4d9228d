import { type Board, boardTable } from "./boards";
import { checkDiscovery } from "./broker-discovery";
import { checkSensors } from "./check-sensors";
import { Checker } from "./checker";
import { gpioOf, type PinUse, pinProblem, show } from "./pins";
import { baseOf, GROUP, utf8Length } from "./topics";

/** The longest `<base>`, in bytes of UTF-8. */
export const LONGEST_BASE = 128;
/** The longest discovery prefix of Home Assistant, in bytes of UTF-8. */
const LONGEST_PREFIX = 64;

const NODE = Object.freeze(
	"schema id name place board base broker telemetry homeAssistant log lights relays sensors buttons".split(" "),
);
const BOOT = Object.freeze(["off", "restore"]);
const LOG = Object.freeze(["debug", "info", "warn", "error", "off"]);
const LIGHT = Object.freeze({
	"on-off": Object.freeze("kind title pin boot activeLow".split(" ")),
	dimmable: Object.freeze("kind title pin boot activeLow hz gamma".split(" ")),
	rgb: Object.freeze("kind title pin boot length order gamma".split(" ")),
});
const RELAY = Object.freeze("title pin activeLow boot".split(" "));
const BUTTON = Object.freeze("title pin pull activeLow debounce hold toggles".split(" "));

/**
 * What is wrong with a description, one line an error: `lights.onboard.pin: 99 is not a GPIO of esp32-devkitc (0..39)`.
 * An empty array when nothing is. Takes anything, so that a description from elsewhere (JSON) can be checked too.
 */
export function validate(description: unknown): string[] {
	const check = new Checker();
	const node = check.members("node", description, NODE);
	if (!node) return check.errors;

	if (node.schema !== 1) check.add("schema", `${show(node.schema)} is unknown, expected 1`);
	const idProblem = problemOfId(node.id);
	if (idProblem) check.add("id", idProblem);
	check.text("name", node.name, 64);
	if (node.place !== undefined) check.text("place", node.place, 64);
	if (node.base !== undefined || !idProblem) {
		const problem = problemOfBase(node.base, idProblem ? "id" : (node.id as string));
		if (problem) check.add("base", problem);
	}
	if (node.log !== undefined) check.oneOf("log", node.log, LOG);
	checkBroker(check, node.broker);
	checkHomeAssistant(check, node.homeAssistant);
	const telemetry = check.members("telemetry", node.telemetry, ["interval", "queue", "durable"]);
	if (telemetry) {
		check.number("telemetry.interval", telemetry.interval, 1, 86_400, " s");
		if (telemetry.queue !== undefined) check.integer("telemetry.queue", telemetry.queue, 1, 1000, " records");
		if (telemetry.durable !== undefined) check.boolean("telemetry.durable", telemetry.durable);
	}

	const board = typeof node.board === "string" ? boardTable[node.board] : undefined;
	if (!board) check.add("board", `${show(node.board)} is none of ${Object.keys(boardTable).join(", ")}`);
	const pins = board && new PinPlan(check, board, node.board as string);
	checkLights(check, node.lights, pins);
	checkRelays(check, node.relays, pins);
	checkSensors(check, node.sensors, pins);
	checkButtons(check, node.buttons, pins, node);
	return check.errors;
}

/** Who uses which pin: two parts on one pin are an error. */
export class PinPlan {
	readonly #check: Checker;
	readonly #board: Board;
	readonly #name: string;
	readonly #users = new Map<number, string>();

	constructor(check: Checker, board: Board, name: string) {
		this.#check = check;
		this.#board = board;
		this.#name = name;
	}
	use(path: string, pin: unknown, use: PinUse): void {
		const problem = pinProblem(this.#board, this.#name, pin, use);
		if (problem) this.#check.add(path, problem);
		else this.#take(path, gpioOf(this.#name, pin as number | string) as number);
	}
	/** The bus is shared by its parts, and by nothing else. */
	useBus(path: string): void {
		const { data, clock } = this.#board.i2c.default;
		for (const gpio of [data, clock])
			if (this.#users.get(gpio) !== "the I2C bus") this.#take(path, gpio, "the I2C bus");
	}
	#take(path: string, gpio: number, user = path): void {
		const other = this.#users.get(gpio);
		if (other !== undefined) this.#check.add(path, `GPIO ${gpio} is already used by ${other}`);
		else this.#users.set(gpio, user);
	}
}

/** Why an id cannot be a node's; undefined when it can. */
export function problemOfId(id: unknown): string | undefined {
	if (typeof id !== "string" || !/^[A-Za-z0-9_-]{1,32}$/.test(id))
		return `${show(id)} is not an id of 1..32 letters, digits, - and _`;
	if (id === GROUP) return `"${GROUP}" is the name of the group of all nodes`;
	return undefined;
}

/** Why a base cannot be the start of a node's topics; undefined when it can. */
export function problemOfBase(base: unknown, id: string): string | undefined {
	if (base !== undefined && typeof base !== "string") return `expected a text, got ${show(base)}`;
	const whole = baseOf({ base: base as string | undefined }, id);
	const problem = problemOfLevels(whole, LONGEST_BASE);
	if (problem) return problem;
	if (whole === GROUP || whole.endsWith(`/${GROUP}`)) return `${show(whole)} ends with "${GROUP}", the group's name`;
	return undefined;
}

/** Why a text cannot be what topics start with; undefined when it can. `longest`: bytes of UTF-8. */
function problemOfLevels(text: unknown, longest: number): string | undefined {
	if (typeof text !== "string") return `expected a text, got ${show(text)}`;
	const bytes = utf8Length(text);
	if (bytes === undefined) return "is not well-formed Unicode";
	if (bytes > longest) return `takes ${bytes} bytes of UTF-8, at most ${longest} fit`;
	if (/[+#]/.test(text)) return `${show(text)} contains a wildcard (+ or #)`;
	if (text.includes("\0")) return `${show(text)} contains a NUL character`;
	if (text.startsWith("$")) return `${show(text)} starts with $, which is the broker's own`;
	if (text.startsWith("/") || text.endsWith("/") || text.includes("//") || text === "")
		return `${show(text)} has an empty level`;
	return undefined;
}

/** Why an URL cannot be a broker's; undefined when it can. */
export function problemOfBroker(url: unknown): string | undefined {
	const [, scheme, port, path] =
		/^(mqtts?|wss?):\/\/(?:[^\s/?#:@[\]]+|\[[0-9a-fA-F:.]+\])(?::([0-9]{1,5}))?(\/.*)?$/.exec(
			typeof url === "string" ? url : "",
		) ?? [];
	if (scheme === undefined) return `${show(url)} is not mqtt(s)://host:port or ws(s)://host:port/path`;
	if (scheme.startsWith("mqtt") && path !== undefined && path !== "/")
		return `${show(url)} has a path, which only ws and wss have`;
	if (path !== undefined && !/^[!"$-~]+$/.test(path)) return `path ${show(path)} is not printable ASCII without #`;
	if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535)) return `port ${port} is outside 1..65535`;
	return undefined;
}

/** Why a number of seconds cannot be a keep-alive (MQTT-3.1.2.10); undefined when it can. */
export function problemOfKeepAlive(seconds: unknown): string | undefined {
	if (Number.isInteger(seconds) && (seconds as number) >= 0 && (seconds as number) <= 65_535) return undefined;
	return `${show(seconds)} is not a whole number of seconds, 0 or 1..65535`;
}

function checkBroker(check: Checker, value: unknown): void {
	if (value === undefined) return;
	const broker = check.members("broker", value, ["url", "discover", "keepAlive", "version"]);
	if (!broker) return;
	const urlProblem = broker.url === undefined ? undefined : problemOfBroker(broker.url);
	if (urlProblem) check.add("broker.url", urlProblem);
	if (broker.discover !== undefined) {
		checkDiscovery(check, broker.discover);
		if (broker.url !== undefined) check.add("broker.discover", "and broker.url: one or the other");
	}
	const keepAliveProblem = broker.keepAlive === undefined ? undefined : problemOfKeepAlive(broker.keepAlive);
	if (keepAliveProblem) check.add("broker.keepAlive", keepAliveProblem);
	if (broker.version !== undefined && broker.version !== 4 && broker.version !== 5)
		check.add("broker.version", `${show(broker.version)} is not 4 (MQTT 3.1.1) or 5`);
}

function checkHomeAssistant(check: Checker, value: unknown): void {
	if (value === undefined) return;
	const prefix = check.members("homeAssistant", value, ["prefix"])?.prefix;
	const problem = prefix === undefined ? undefined : problemOfLevels(prefix, LONGEST_PREFIX);
	if (problem) check.add("homeAssistant.prefix", problem);
}

function checkLights(check: Checker, value: unknown, pins: PinPlan | undefined): void {
	const lights = check.members("lights", value);
	for (const name of Object.keys(lights ?? {})) {
		const path = `lights.${name}`;
		check.name(path, name);
		const light = check.members(path, lights?.[name]);
		if (!light || !check.oneOf(`${path}.kind`, light.kind, Object.keys(LIGHT))) continue;
		check.members(path, light, LIGHT[light.kind as keyof typeof LIGHT]);
		checkOutput(check, path, light, pins);
		if (light.hz !== undefined) check.integer(`${path}.hz`, light.hz, 1, 40_000, " Hz");
		if (light.gamma !== undefined) check.number(`${path}.gamma`, light.gamma, 1, 3);
		if (light.kind !== "rgb") continue;
		check.integer(`${path}.length`, light.length, 1, 300, " LEDs");
		if (light.order !== undefined) check.oneOf(`${path}.order`, light.order, ["GRB", "RGB"]);
	}
}

function checkRelays(check: Checker, value: unknown, pins: PinPlan | undefined): void {
	const relays = check.members("relays", value);
	for (const name of Object.keys(relays ?? {})) {
		const path = `relays.${name}`;
		check.name(path, name);
		const relay = check.members(path, relays?.[name], RELAY);
		if (relay) checkOutput(check, path, relay, pins);
	}
}

function checkOutput(check: Checker, path: string, output: Record<string, unknown>, pins: PinPlan | undefined): void {
	pins?.use(`${path}.pin`, output.pin, "output");
	if (output.title !== undefined) check.text(`${path}.title`, output.title, 32);
	if (output.boot !== undefined) check.oneOf(`${path}.boot`, output.boot, BOOT);
	if (output.activeLow !== undefined) check.boolean(`${path}.activeLow`, output.activeLow);
}

function checkButtons(check: Checker, value: unknown, pins: PinPlan | undefined, node: Record<string, unknown>): void {
	const buttons = check.members("buttons", value);
	for (const name of Object.keys(buttons ?? {})) {
		const path = `buttons.${name}`;
		check.name(path, name);
		const button = check.members(path, buttons?.[name], BUTTON);
		if (!button) continue;
		pins?.use(`${path}.pin`, button.pin, button.pull === "none" ? "input" : "pulled input");
		if (button.title !== undefined) check.text(`${path}.title`, button.title, 32);
		if (button.pull !== undefined) check.oneOf(`${path}.pull`, button.pull, ["up", "down", "none"]);
		if (button.activeLow !== undefined) check.boolean(`${path}.activeLow`, button.activeLow);
		if (button.debounce !== undefined) check.integer(`${path}.debounce`, button.debounce, 0, 1000, " ms");
		if (button.hold !== undefined) check.integer(`${path}.hold`, button.hold, 100, 60_000, " ms");
		if (button.toggles !== undefined) check.oneOf(`${path}.toggles`, button.toggles, outputsOf(node));
	}
}

function outputsOf(node: Record<string, unknown>): string[] {
	const names = (value: unknown) => (typeof value === "object" && value !== null ? Object.keys(value) : []);
	return [...names(node.lights).map((name) => `led/${name}`), ...names(node.relays).map((name) => `relay/${name}`)];
}
