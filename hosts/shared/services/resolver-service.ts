import type { Service } from "../host";
import { NetworkOperation, ResolveEvent } from "../operations/network";

/** Names to addresses. */
export const resolverService: Service = ({ network }, host) => {
	const pending = new Set<number>();
	return {
		operations: {
			[NetworkOperation.resolve]: (name: string) => {
				const handle = host.newHandle();
				pending.add(handle);
				network.resolve(name, (error, address) => {
					if (!pending.delete(handle)) return;
					if (address !== undefined) host.event(handle, ResolveEvent.resolved, address);
					else host.event(handle, ResolveEvent.error, error!.message, (error as { code?: string }).code ?? "");
				});
				return handle;
			},
			[NetworkOperation.resolveCancel]: (handle: number) => {
				pending.delete(handle);
			},
		},
		close() {
			pending.clear();
		},
	};
};
