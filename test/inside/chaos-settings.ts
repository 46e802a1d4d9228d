/** `device.system.settings.chaos`: what this boot is to do. */
export interface ChaosSettings {
	readonly host: string;
	readonly port: number;
	readonly QoS: 1 | 2;
	readonly direction: "out" | "in";
	/** Numbers of the messages to publish. */
	readonly first: number;
	readonly last: number;
	/** After every so many messages it waits until all are delivered, and rests for a moment. */
	readonly pause: number;
	/** So long, in ms. */
	readonly rest: number;
	/** Messages are kept in flash, and so is what QoS 2 must remember. */
	readonly durable: boolean;
	/** s */
	readonly keepAlive: number;
	/** 0..1: how much of the random part of a reconnect's delay is used. */
	readonly spread: number;
}
