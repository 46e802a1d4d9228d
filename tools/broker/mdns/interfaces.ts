import { networkInterfaces } from "node:os";

/** An IPv4 address of this computer. */
export interface LocalAddress {
	readonly address: string;
	readonly netmask: string;
	/** Loopback. */
	readonly internal: boolean;
}

/** This computer's IPv4 addresses as they are now; `only`: that one alone. */
export function localAddresses(only?: string): LocalAddress[] {
	return Object.values(networkInterfaces())
		.flatMap((all) => all ?? [])
		.filter(({ family, address }) => family === "IPv4" && (only === undefined || address === only));
}

/** Those that are on the same network segment as `other`, an IPv4 address. */
export function onLink(other: string, addresses: readonly LocalAddress[]): LocalAddress[] {
	return addresses.filter(({ address, netmask }) => ((bits(address) ^ bits(other)) & bits(netmask)) === 0);
}

function bits(address: string): number {
	return address.split(".").reduce((all, part) => (all << 8) | Number(part), 0);
}
