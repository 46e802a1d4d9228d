import { parseArgs } from "node:util";
import type { FuzzTarget } from "../test/inside/mqtt-fuzz";

const help = `usage: vagalume fuzz [options]        (npm run fuzz -- ...)

Sends mutated MQTT packets to the client and to the session, each in XS with a heap of 65,536 bytes, and looks again and
again whether they still live. What fails is printed with the seed that shows it again.

  --packets N          mutated packets in all (default 1000000)
  --seed N             default 1
  --layer LAYER        client or session (default: both)
  --version VERSION    4 (MQTT 3.1.1) or 5 (default: both)
`;

const layers = ["client", "session"] as const;
const versions = [4, 5] as const;

/** `vagalume fuzz`: resolves to the exit status. */
export async function run(args: readonly string[]): Promise<number> {
	const wrong = (message: string) => {
		process.stderr.write(`vagalume fuzz: ${message}\n`);
		return 2;
	};
	let values: Record<string, string | boolean | undefined>;
	try {
		const text = { type: "string" } as const;
		const options = {
			packets: text,
			seed: text,
			layer: text,
			version: text,
			help: { type: "boolean", short: "h" },
		} as const;
		({ values } = parseArgs({ args: [...args], options }));
	} catch (error) {
		return wrong((error as Error).message);
	}
	if (values["help"]) {
		process.stdout.write(help);
		return 0;
	}
	const packets = Number(values["packets"] ?? 1_000_000);
	if (!Number.isInteger(packets) || packets < 1)
		return wrong(`--packets ${values["packets"]}: expected a number, 1 or more`);
	const seed = Number(values["seed"] ?? 1);
	if (!Number.isInteger(seed)) return wrong(`--seed ${values["seed"]}: expected a whole number`);
	const wantedLayers = layers.filter((layer) => layer === (values["layer"] ?? layer));
	if (wantedLayers.length === 0) return wrong(`--layer ${values["layer"]}: expected client or session`);
	const wantedVersions = versions.filter((version) => String(version) === (values["version"] ?? String(version)));
	if (wantedVersions.length === 0) return wrong(`--version ${values["version"]}: expected ${versions.join(" or ")}`);
	return attack(packets, seed, wantedLayers, wantedVersions);
}

async function attack(
	packets: number,
	seed: number,
	wantedLayers: readonly FuzzTarget["layer"][],
	wantedVersions: readonly FuzzTarget["version"][],
): Promise<number> {
	const { fuzz, FuzzError } = await import("../test/fuzz/fuzz");
	const each = Math.ceil(packets / wantedLayers.length / wantedVersions.length);
	const start = performance.now();
	try {
		fuzz({
			packets: each,
			seed,
			layers: wantedLayers,
			versions: wantedVersions,
			onRound({ layer, version }, done, { connections, probes, peak, heldMost }) {
				if (done % 100_000 > 0 && done < each) return;
				const figures = `${connections} connections and ${probes} probes in the last machine`;
				process.stdout.write(
					`${layer}, version ${version}: ${done} packets; ${figures}, heap at most ${peak} bytes, held ${heldMost}\n`,
				);
			},
		});
	} catch (error) {
		if (!(error instanceof FuzzError)) throw error;
		process.stderr.write(`${error.message}\n`);
		return 1;
	}
	process.stdout.write(`no fault, in ${Math.round((performance.now() - start) / 1000)} s\n`);
	return 0;
}
