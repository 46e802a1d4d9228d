import NativeTCP from "moddable/tcp";

/** The SDK's listening socket: it takes the port on all interfaces. */
export class NativeListener extends Native("xs_listener_destructor_") {
	constructor(options: { port: number; onReadable: () => void }) {
		super();
		native("xs_listener_constructor").call(this, options);
	}

	/** A connection, for the option `from`; undefined when none waits. */
	read(): NativeTCP | undefined {
		return this.take(new (NativeTCP as unknown as new () => NativeTCP)());
	}

	close(): void {
		native("xs_listener_close_").call(this);
	}

	get port(): number {
		return native("xs_listener_get_port").call(this) as number;
	}

	/** Fills a socket that has no connection yet. */
	take(socket: NativeTCP): NativeTCP | undefined {
		return native("xs_listener_read").call(this, socket) as NativeTCP | undefined;
	}
}
