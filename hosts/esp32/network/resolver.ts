import Net from "net";

type Completed = (error: Error | null, host?: string, address?: string) => void;

interface ResolveOptions {
	host: string;
	onResolved?: (host: string, address: string) => void;
	onError?: (error: Error) => void;
}

/** ECMA-419 §22, Domain Name Resolver: lwIP's, which asks the servers that DHCP named. */
class Resolver {
	#open = true;
	declare target: unknown;

	constructor({ target }: Record<string, unknown>) {
		if (target !== undefined) this.target = target;
	}

	/** What is under way is given up: nothing is called back. */
	close(): void {
		this.#open = false;
	}

	resolve({ host, onResolved, onError }: ResolveOptions, callback?: Completed): void {
		if (!this.#open) throw new Error("Resolver: closed");
		Net.resolve(host, (_name, address) => {
			if (!this.#open) return;
			if (address !== undefined) {
				callback?.call(this, null, host, address);
				onResolved?.call(this, host, address);
				return;
			}
			const error = Object.assign(new Error(`${host} is unknown`), { code: "ENOTFOUND" });
			callback?.call(this, error);
			onError?.call(this, error);
		});
	}
}

export default Resolver;
