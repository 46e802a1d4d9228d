/** A node's network services on virtual time, without the engine: calls go in, events are collected. */
import { VirtualClock } from "../../hosts/desktop/clock";
import { Host, type NodeContext } from "../../hosts/shared/host";
import type { HostValue } from "../../hosts/shared/host-value";
import { resolverService } from "../../hosts/shared/services/resolver-service";
import { tcpService } from "../../hosts/shared/services/tcp-service";
import { udpService } from "../../hosts/shared/services/udp-service";
import { wifiService } from "../../hosts/shared/services/wifi-service";
import { Air, DEFAULT_POINT } from "../../sim/network/air";
import { Internet } from "../../sim/network/internet";
import { NodeNetwork } from "../../sim/network/node-network";

export interface Event {
	/** ms */
	readonly at: number;
	readonly handle: number;
	readonly event: number;
	readonly a: HostValue;
	readonly b: HostValue;
}

/** `seed` of the air's noise. The node joins the default network by itself unless `join` is false. */
export function networkBench({ seed = 1, join = true }: { seed?: number; join?: boolean } = {}) {
	let internet!: Internet;
	const clock = new VirtualClock(() => internet.idle());
	internet = new Internet({ clock });
	const air = new Air({ seed });
	const network = new NodeNetwork({
		internet,
		clock,
		air,
		node: 0,
		uniqueId: "240ac4000001",
		...(join && { join: DEFAULT_POINT }),
	});
	const events: Event[] = [];
	const machine = {
		time: 0,
		dateOffset: 0,
		dispatch: (handle: number, event: number, a?: HostValue, b?: HostValue) =>
			void events.push({ at: clock.now(), handle, event, a, b }),
	};
	const context = { machine: () => machine, clock, network, retained: {}, log() {} } as unknown as NodeContext;
	const host = new Host(context, [wifiService, tcpService(), udpService, resolverService]);
	let now = 0;
	return {
		clock,
		internet,
		air,
		network,
		host,
		events,
		/** Lets `milliseconds` pass. */
		async pass(milliseconds: number): Promise<void> {
			now += milliseconds;
			await clock.run(now);
		},
		/** The events of one handle and number since the last call; the handle may be left out. */
		take(event: number, handle?: number): Event[] {
			const wanted = (one: Event) => one.event === event && (handle === undefined || one.handle === handle);
			const taken = events.filter(wanted);
			events.splice(0, events.length, ...events.filter((one) => !wanted(one)));
			return taken;
		},
	};
}
