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
