/** Where a broker's files are, and what it listens on. Paths are as mosquitto sees them. */
export interface BrokerPlace {
	/** The address that it listens on; all of the machine when undefined. */
	readonly bind?: string | undefined;
	readonly port: number;
	/** MQTT over WebSocket. */
	readonly webSocketPort: number;
	/** For clients whose certificate says who they are. */
	readonly certificatePort: number;
	/** At a time, on each port. */
	readonly connections: number;
	readonly passwords: string;
	readonly acl: string;
	/** The server's certificate and its authority's; its private key. */
	readonly certificate: string;
	readonly key: string;
	/** Whose client certificates are accepted, and which of them no longer. */
	readonly clientAuthorities: string;
	readonly revoked: string;
	/** A folder, with `/` at its end. */
	readonly data: string;
	/** `stderr`, or `file PATH`. */
	readonly log: string;
	/** Whom mosquitto becomes when root starts it. */
	readonly user?: string | undefined;
}

/**
 * What TLS 1.2 may use: forward secrecy and authenticated encryption by the server's RSA key. The first one is what
 * Moddable's TLS on the board picks.
 */
const CIPHERS = [
	"ECDHE-RSA-AES128-GCM-SHA256",
	"ECDHE-RSA-AES256-GCM-SHA384",
	"ECDHE-RSA-CHACHA20-POLY1305",
	"DHE-RSA-AES128-GCM-SHA256",
].join(":");

/** Of a message, in bytes: far above all that a node says or is told (its info, a release, a block of an image). */
export const LARGEST_PACKET = 65_536;

/** mosquitto.conf (Mosquitto 2): nobody anonymous, everything in TLS, everything bounded. */
export function configuration(place: BrokerPlace): string {
	const server = [
		`certfile ${place.certificate}`,
		`keyfile ${place.key}`,
		"# Or later.",
		"tls_version tlsv1.2",
		`ciphers ${CIPHERS}`,
	];
	const listener = (port: number) => `listener ${port}${place.bind === undefined ? "" : ` ${place.bind}`}`;
	const sections: Record<string, string[]> = {
		"Who may enter, and do what": [
			"per_listener_settings false",
			"allow_anonymous false",
			`password_file ${place.passwords}`,
			`acl_file ${place.acl}`,
		],
		Limits: [
			`max_packet_size ${LARGEST_PACKET}`,
			"# Of the payload: Mosquitto 2.0 does not keep the line above over WebSocket.",
			`message_size_limit ${LARGEST_PACKET}`,
			"max_inflight_messages 20",
			"max_queued_messages 1000",
			"max_queued_bytes 1048576",
			"max_keepalive 3600",
			"persistent_client_expiration 30d",
			"memory_limit 268435456",
			"# Nagle's algorithm would add 40 ms to each way.",
			"set_tcp_nodelay true",
		],
		"What it keeps: written with each change, so that a crash loses the last tenth of a second at most": [
			"persistence true",
			`persistence_location ${place.data}`,
			"autosave_on_changes true",
			"autosave_interval 1",
		],
		Log: [
			`log_dest ${place.log}`,
			"log_type error",
			"log_type warning",
			"log_type notice",
			"connection_messages true",
			"log_timestamp true",
			"log_timestamp_format %Y-%m-%dT%H:%M:%S",
		],
		"MQTT over TLS": [listener(place.port), `max_connections ${place.connections}`, ...server],
		"MQTT over WebSocket over TLS": [
			listener(place.webSocketPort),
			"protocol websockets",
			`max_connections ${place.connections}`,
			...server,
		],
		"MQTT over TLS, the client's certificate is its name and password": [
			listener(place.certificatePort),
			`max_connections ${place.connections}`,
			...server,
			`cafile ${place.clientAuthorities}`,
			`crlfile ${place.revoked}`,
			"require_certificate true",
			"use_identity_as_username true",
			"# A revoked client can so be found, and its session ended.",
			"use_username_as_clientid true",
		],
	};
	const text = Object.entries(sections).map(([title, lines]) => [`# ${title}.`, ...lines].join("\n"));
	const user = place.user === undefined ? [] : [`user ${place.user}`];
	return `${["# Written by 'vagalume broker': changes made here are lost.", ...user, ...text].join("\n\n")}\n`;
}
