/** Host operations 200..299: sockets, names, Wi-Fi. Frozen numbers: both sides import them. */
export const NetworkOperation = Object.freeze({
	/** (JSON of TCPRequest) -> handle */
	tcpConnect: 200,
	/** (JSON of TCPRequest, certificate authorities, client certificate, client key: bytes or string or undefined) -> handle */
	tlsConnect: 201,
	/** (handle, byteLength) -> bytes | undefined */
	tcpRead: 202,
	/** (handle) -> 0..255 | undefined */
	tcpReadByte: 203,
	/** (handle, bytes) -> bytes still writable | undefined when the connection has ended */
	tcpWrite: 204,
	/** (handle) */
	tcpClose: 205,
	/** (handle) -> string | undefined */
	tcpAddress: 206,
	/** (handle) -> number | undefined */
	tcpPort: 207,
	/** (handle) -> new handle: its new owner is told anew what is readable and writable */
	tcpAdopt: 208,
	/** (handle) -> bytes to read now */
	tcpReadable: 209,
	/** (handle) -> bytes that may be written now; 0 once the connection has ended */
	tcpWritable: 214,
	/** (port, address | undefined) -> handle */
	listenerOpen: 210,
	/** (handle) -> port */
	listenerPort: 211,
	/** (handle) -> handle of a connection | undefined */
	listenerAccept: 212,
	/** (handle) */
	listenerClose: 213,
	/** (port | undefined, address | undefined) -> handle */
	udpOpen: 220,
	/** (handle) -> size of the next packet | undefined */
	udpSize: 221,
	/** (handle) -> its sender */
	udpAddress: 222,
	udpPort: 223,
	/** (handle) -> its bytes; takes it from the queue */
	udpRead: 224,
	/** (handle, bytes, address, port) */
	udpWrite: 225,
	/** (handle) */
	udpClose: 226,
	/** (handle, address) */
	udpAdd: 227,
	udpRemove: 228,
	/** (name) -> handle, then an event */
	resolve: 230,
	/** (handle) */
	resolveCancel: 231,
	/** () -> handle */
	wifiOpen: 240,
	/** (JSON of connect options) */
	wifiConnect: 241,
	wifiDisconnect: 242,
	/** (handle, JSON of scan options) */
	wifiScan: 243,
	/** (handle) */
	wifiClose: 244,
	/** (name of a property) -> its value */
	wifiGet: 245,
	/** () -> a new Sec-WebSocket-Key */
	webSocketKey: 250,
	/** (Sec-WebSocket-Key) -> the Sec-WebSocket-Accept that answers it */
	webSocketAccept: 251,
	/** (bytes) -> a new masking key (4 bytes), masked bytes */
	webSocketMask: 252,
	/** (bytes, masking key: 4 bytes, offset of the bytes in the payload) -> masked bytes */
	webSocketMaskMore: 253,
});

/** Events of a TCP or TLS socket. */
export const SocketEvent = Object.freeze({
	/** (bytes readable) */
	readable: 1,
	/** (bytes writable) */
	writable: 2,
	/** (message, code) */
	error: 3,
});

/** Events of a listener and of a UDP socket: (connections or packets waiting), (message, code). */
export const QueueEvent = Object.freeze({ readable: 1, error: 3 });

/** Events of a resolution: (address), (message, code). */
export const ResolveEvent = Object.freeze({ resolved: 1, error: 3 });

/** Events of a Wi-Fi interface: (property), (JSON of an access point), (). */
export const WiFiEvent = Object.freeze({ changed: 1, found: 2, complete: 3 });

/** What a TCP or TLS socket is asked to connect to. */
export interface TCPRequest {
	address?: string;
	host?: string;
	port: number;
	noDelay?: boolean;
	/** ms */
	keepAlive?: number;
	tls?: {
		serverName?: string;
		protocols?: string[];
		minimumVersion?: string;
		maximumVersion?: string;
	};
}
