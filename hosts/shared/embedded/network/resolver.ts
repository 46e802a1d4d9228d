import { call, type HostValue } from "vagalume:host";
import { NetworkOperation, ResolveEvent } from "../../operations/network";
import { attach, detach } from "../dispatch";
import { checkOptions, getCallback, requireString } from "../options";

type Completed = (error: Error | null, host?: string, address?: string) => void;

interface ResolveOptions {
	host: string;
	/** Moddable's form, in place of the second argument. */
	onResolved?: (host: string, address: string) => void;
	onError?: (error: Error) => void;
}

/**
 * ECMA-419 §22, Domain Name Resolver. The host resolves: `servers` and `socket` are accepted and not used. The callback
 * gets `(null, host, address)`, in the order of Annex A and of Moddable (the prose of §22 has the two the other way round).
 */
class Resolver {
	#pending: Set<number> | undefined = new Set();
	declare target: unknown;

	constructor(options: Record<string, unknown>) {
		checkOptions("Resolver", options);
		const { target } = options;
		if (target !== undefined) this.target = target;
	}

	/** Resolutions under way are given up: nothing is called back. */
	close(): void {
		if (!this.#pending) return;
		for (const handle of this.#pending) {
			detach(handle);
			call(NetworkOperation.resolveCancel, handle);
		}
		this.#pending = undefined;
	}

	resolve(options: ResolveOptions, callback?: Completed): void {
		const pending = this.#pending;
		if (!pending) throw new Error("Resolver: closed");
		checkOptions("Resolver resolve", options);
		const host = requireString("Resolver resolve", "host", options.host);
		const completed = getCallback("Resolver resolve", "callback", callback);
		const onResolved = getCallback("Resolver resolve", "onResolved", options.onResolved);
		const onError = getCallback("Resolver resolve", "onError", options.onError);
		const handle = call(NetworkOperation.resolve, host) as number;
		pending.add(handle);
		attach(handle, {
			onEvent: (event: number, a: HostValue, b: HostValue) => {
				pending.delete(handle);
				detach(handle);
				if (event === ResolveEvent.resolved) {
					completed?.call(this, null, host, a as string);
					onResolved?.call(this, host, a as string);
				} else {
					const error = Object.assign(new Error(a as string), { code: b });
					completed?.call(this, error);
					onError?.call(this, error);
				}
			},
		});
	}
}

export default Resolver;
