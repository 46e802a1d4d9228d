import type { Service } from "../host";
import { NetworkOperation, QueueEvent } from "../operations/network";
import type { Datagrams } from "./network";

/** Packets that wait for the firmware; more are dropped, as on the board. */
const QUEUE = 16;
/** Bytes that fit in a frame of Wi-Fi: a board's lwIP puts no fragments together, and a node's heap is not for what anybody sends. */
const LONGEST_PACKET = 1472;

interface Packet {
	readonly bytes: Uint8Array;
	readonly address: string;
	readonly port: number;
}

interface Entry {
	datagrams: Datagrams;
	readonly packets: Packet[];
}

/** UDP sockets. */
export const udpService: Service = ({ network }, host) => {
	const entries = new Map<number, Entry>();

	function entry(handle: number): Entry {
		const found = entries.get(handle);
		if (!found) throw new Error("UDP: closed");
		return found;
	}

	return {
		operations: {
			[NetworkOperation.udpOpen]: (port?: number, address?: string) => {
				const handle = host.newHandle();
				const packets: Packet[] = [];
				const datagrams = network.bind(
					port,
					address,
					(bytes, from, fromPort) => {
						if (packets.length >= QUEUE || bytes.byteLength > LONGEST_PACKET) return;
						packets.push({ bytes, address: from, port: fromPort });
						host.event(handle, QueueEvent.readable, packets.length);
					},
					(error) => host.event(handle, QueueEvent.error, error.message),
				);
				entries.set(handle, { datagrams, packets });
				return handle;
			},
			[NetworkOperation.udpSize]: (handle: number) => entry(handle).packets[0]?.bytes.byteLength,
			[NetworkOperation.udpAddress]: (handle: number) => entry(handle).packets[0]?.address,
			[NetworkOperation.udpPort]: (handle: number) => entry(handle).packets[0]?.port,
			[NetworkOperation.udpRead]: (handle: number) => entry(handle).packets.shift()?.bytes,
			[NetworkOperation.udpWrite]: (handle: number, bytes: ArrayBuffer, address: string, port: number) => {
				entry(handle).datagrams.send(new Uint8Array(bytes), address, port);
			},
			[NetworkOperation.udpAdd]: (handle: number, address: string) => entry(handle).datagrams.join(address),
			[NetworkOperation.udpRemove]: (handle: number, address: string) => entry(handle).datagrams.leave(address),
			[NetworkOperation.udpClose]: (handle: number) => {
				entries.get(handle)?.datagrams.close();
				entries.delete(handle);
			},
		},
		close() {
			for (const { datagrams } of entries.values()) datagrams.close();
			entries.clear();
		},
	};
};
