// What this host takes of the Moddable SDK, for `npm run check`, which needs no SDK. Not seen by the SDK's own build.

/** In XS: the C function of that name as a JavaScript function. */
declare function native(name: string): (this: unknown, ...values: unknown[]) => unknown;
/** In XS: a class whose instances have host data, ended by the C function of that name. */
declare function Native(name: string): new (...values: unknown[]) => object;

declare module "mc/config" {
	/** `config` of the manifests and of mcconfig's command line. */
	const config: Readonly<Record<string, unknown>>;
	export default config;
}

declare module "net" {
	const Net: {
		/** By the computer's resolver; `address` is undefined when there is none. */
		resolve(name: string, callback: (name: string, address: string | undefined) => void): void;
	};
	export default Net;
}

declare module "embedded:storage/files" {
	export interface Status {
		readonly size: number;
		isFile(): boolean;
		isDirectory(): boolean;
	}
	export interface File {
		read(buffer: ByteBuffer, position: number): number;
		write(buffer: ByteBuffer, position: number): void;
		status(): Status;
		setSize(size: number): void;
		flush(): void;
		close(): void;
	}
	export interface Directory {
		openFile(options: { path: string; mode?: "r" | "r+" | "w" | "w+" }): File;
		openDirectory(options: { path: string }): Directory;
		status(path: string): Status;
		createDirectory(path: string): boolean;
		move(from: string, to: string): void;
		delete(path: string): boolean;
	}
	const files: Directory;
	export default files;
}

declare module "rng" {
	const RNG: {
		/** So many random bytes of the computer, fit for keys. */
		get(count: number): ArrayBuffer;
	};
	export default RNG;
}

// The SDK's TLS and what it is made of.

declare module "ssl/session" {
	interface Socket {
		readable: number;
		writable: number;
		read(target: Uint8Array): void;
		write(packet: ArrayBuffer | Uint8Array): number;
	}
	export default class Session {
		constructor(options: Record<string, unknown>);
		readonly handshakeProcess: number;
		readonly alert: { readonly level: number; readonly description: number } | undefined;
		initiateHandshake(): void;
		/** One step; true once it is over, well or by an alert. */
		handshake(socket: Socket): boolean;
		/** Null: the peer ends; undefined: no whole record is there. */
		read(socket: Socket): Uint8Array | null | undefined;
		write(socket: Socket, data: Uint8Array): number;
		close(socket: Socket): void;
	}
}

declare module "x509" {
	const X509: {
		/** The public key of a certificate: RSA, or on a curve. */
		decodeSPKI(
			certificate: Uint8Array,
		): { modulus: bigint; exponent: bigint } | { curve: { n: bigint; orderSize: number }; pub: unknown };
	};
	export default X509;
}

declare module "pkcs8" {
	const PKCS8: { parse(key: Uint8Array): object };
	export default PKCS8;
}

declare module "rsa" {
	export default class RSA {
		constructor(exponent: bigint, modulus: bigint);
		process(value: bigint): bigint;
	}
}

declare module "ecdsa" {
	export default class ECDSA {
		constructor(key: unknown, curve: unknown);
		_verify(digest: ArrayBuffer, r: bigint, s: bigint): boolean;
	}
}

declare module "crypt" {
	export class Digest {
		constructor(name: string);
		process(...data: Uint8Array[]): ArrayBuffer;
	}
}
