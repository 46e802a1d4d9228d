import type { MQTTClientOptions, Resolver } from "./options";

/** Finds the address of a host, once (ECMA-419 §22). Exactly one callback comes, none after `close`. */
export class Lookup {
	#resolver: Resolver | undefined;
	#done = false;

	/**
	 * @param dns constructor options of the resolver, with its class as `io`
	 * @param onError gets what the resolver said, if anything; may be called from within the constructor
	 */
	constructor(
		dns: MQTTClientOptions["dns"],
		host: string,
		onResolved: (address: string) => void,
		onError: (error: unknown) => void,
	) {
		try {
			this.#resolver = new dns.io(dns as never);
			this.#resolver.resolve({
				host,
				onResolved: (_host, address) => {
					if (this.#done) return;
					this.close();
					onResolved(address);
				},
				onError: (error) => {
					if (this.#done) return;
					this.close();
					onError(error);
				},
			});
		} catch (error) {
			this.close();
			onError(error);
		}
	}

	close(): void {
		this.#done = true;
		const resolver = this.#resolver;
		this.#resolver = undefined;
		// Moddable's resolvers have it, a minimal one may not.
		resolver?.close?.();
	}
}

/** Is it an IPv4 address in numbers, which needs no resolver? */
export function isAddress(host: string): boolean {
	const parts = host.split(".");
	return parts.length === 4 && parts.every((part) => part !== "" && Number(part) >= 0 && Number(part) <= 255);
}
