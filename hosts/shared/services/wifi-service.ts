import type { Service } from "../host";
import { NetworkOperation, WiFiEvent } from "../operations/network";
import type { Station } from "./network";

/** Wi-Fi interfaces: all of a node's share its one radio. */
export const wifiService: Service = ({ network }, host) => {
	const { station } = network;
	const handles = new Set<number>();
	const unsubscribe = station.subscribe((property) => {
		for (const handle of handles) host.event(handle, WiFiEvent.changed, property);
	});
	return {
		operations: {
			[NetworkOperation.wifiOpen]: () => {
				const handle = host.newHandle();
				handles.add(handle);
				return handle;
			},
			[NetworkOperation.wifiConnect]: (options: string) => station.connect(JSON.parse(options)),
			[NetworkOperation.wifiDisconnect]: () => station.disconnect(),
			[NetworkOperation.wifiScan]: (handle: number, options: string) =>
				station.scan(
					JSON.parse(options),
					(point) => host.event(handle, WiFiEvent.found, JSON.stringify(point)),
					() => host.event(handle, WiFiEvent.complete),
				),
			[NetworkOperation.wifiClose]: (handle: number) => {
				handles.delete(handle);
			},
			[NetworkOperation.wifiGet]: (
				property: Exclude<keyof Station, "connect" | "disconnect" | "scan" | "subscribe" | "reset">,
			) => station[property],
		},
		close() {
			unsubscribe();
			handles.clear();
			station.reset();
		},
	};
};
