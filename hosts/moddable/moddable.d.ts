// Modules of the SDK under names of this host: the SDK has no typings for them.

declare module "moddable/tcp" {
	/** The SDK's TCP socket. All of its options are read in the constructor. */
	export default class NativeTCP {
		constructor(options: {
			address: string;
			port: number;
			nodelay?: boolean;
			from?: NativeTCP;
			onReadable?: (count: number) => void;
			onWritable?: (count: number) => void;
			/** The connection has ended, or was not made. */
			onError?: () => void;
		});
		/** So much, or all that there is; undefined when there is nothing. Throws when more is wanted than there is. */
		read(byteLength?: number): ArrayBuffer | undefined;
		/** Fills the buffer. */
		read(buffer: ByteBuffer): number | undefined;
		/** Throws when it is more than may be written. Returns how much may still be; undefined when the connection broke. */
		write(bytes: ByteBuffer): number;
		close(): void;
		readonly remoteAddress: string;
		readonly remotePort: number;
	}
}

declare module "moddable/udp" {
	/** The SDK's UDP socket. A port is taken on all interfaces. */
	export default class NativeUDP {
		constructor(options: { port?: number; onReadable?: (count: number) => void });
		read(): (ArrayBuffer & { readonly address: string; readonly port: number }) | undefined;
		write(bytes: ByteBuffer, address: string, port: number): void;
		close(): void;
	}
}

/** What the simulator, or this host's runner, is to the machine. */
declare const screen: {
	/** To whoever runs the machine. */
	postMessage(message: string): void;
	/** From there. */
	onMessage?: (message: string) => void;
};
