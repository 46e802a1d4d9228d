import type { Clock } from "../../hosts/shared/clock";
import type { ByteStream, Peer } from "../../hosts/shared/services/network";
import { answer } from "../network/ntp-server";
import type { Reachable } from "../network/sockets";

/** Address of the simulated time server. */
const ADDRESS = "10.0.0.123";
const NAMES: readonly string[] = ["pool.ntp.org", "time.google.com", "time.cloudflare.com", "ntp.simulated"];
const PORT = 123;

/** All that is simulated of the internet here: a time server that answers with the computer's date. */
export class TimeServer implements Reachable {
	readonly latency = 2;
	readonly #clock: Clock;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	lookup(host: string): string | undefined {
		return NAMES.includes(host.toLowerCase()) ? ADDRESS : undefined;
	}

	receiver(address: string, port: number): ReturnType<Reachable["receiver"]> {
		if (address !== ADDRESS || port !== PORT) return undefined;
		return (bytes, _from, reply) => {
			const packet = answer(bytes, this.#clock.date());
			if (packet) reply(packet);
		};
	}

	serves(): boolean {
		return false;
	}

	connect(_to: Peer, _from: Peer, _onConnect: () => void): ByteStream {
		throw new Error("no server in memory");
	}

	serve(): () => void {
		throw new Error("no server in memory");
	}

	idle(): undefined {
		return undefined;
	}
}
