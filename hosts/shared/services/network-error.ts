import type { Peer } from "./network";

const CAUSES: Readonly<Record<string, string>> = {
	ECONNREFUSED: "connection refused",
	ECONNRESET: "connection reset",
	ECONNABORTED: "connection aborted",
	EPIPE: "connection reset",
	ETIMEDOUT: "no answer",
	EHOSTUNREACH: "host unreachable",
	ENETUNREACH: "network unreachable",
	ENOTFOUND: "no host has that name",
	EAI_AGAIN: "the name server does not answer",
	CERT_HAS_EXPIRED: "the server's certificate has expired",
	CERT_NOT_YET_VALID: "the server's certificate is not valid yet",
	ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name",
	DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is signed by an unknown authority (itself)",
	SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is signed by an unknown authority",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate is signed by an unknown authority",
	UNABLE_TO_GET_ISSUER_CERT: "the server's certificate is signed by an unknown authority",
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the server's certificate is signed by an unknown authority",
	CERT_SIGNATURE_FAILURE: "the server's certificate carries a false signature",
	CERT_REVOKED: "the server's certificate was revoked",
	INVALID_PURPOSE: "the server's certificate is not meant for a server",
	EPROTO: "the server does not speak TLS as asked",
	ERR_SSL_WRONG_VERSION_NUMBER: "the server does not speak TLS",
	ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "the server does not know the authority of this client's certificate",
	ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: "the server wants a client certificate",
	ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: "the server refused the TLS handshake",
	ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "the server refused this client's certificate",
};

/** An error of Node's sockets, as the firmware gets it: what happened, with whom, and the code. */
export function describe(error: Error & { code?: string }, { address, port }: Peer): Error {
	const cause = (error.code && CAUSES[error.code]) ?? error.message;
	const detail = error.code === "ERR_TLS_CERT_ALTNAME_INVALID" ? ` (${error.message})` : "";
	return Object.assign(new Error(`${address}:${port}: ${cause}${detail}`), { code: error.code ?? "EUNKNOWN" });
}
