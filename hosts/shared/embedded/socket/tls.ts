import type { TLSOptions } from "embedded:io/socket/tcp/tls";
import { call } from "vagalume:host";
import { NetworkOperation, type TCPRequest } from "../../operations/network";
import { checkBuffer, checkOptions, getOneOf, getString } from "../options";
import TCP, { type Connect } from "./tcp";

const VERSIONS = Object.freeze(["", "TLSv1.3", "TLSv1.2", "TLSv1.1"] as const);

type Certificate = ByteBuffer | string;

/**
 * ECMA-419 §10, TLS Client socket, done by the host. The server is always verified: authority, name, and validity on the
 * node's own clock. Options as the standard has them under `tls`, or as Moddable has them under `secure`; both at once
 * are merged. Certificates and keys in DER or PEM.
 */
class TLS extends TCP {
	constructor(options: TLSOptions) {
		checkOptions("TLS", options);
		super(options, connectTLS);
	}
}

const connectTLS: Connect = (options, request) => {
	const { tls, secure } = options as TLSOptions;
	const parameters: Record<string, unknown> = { ...secure, ...tls };
	const {
		ca,
		certificate,
		clientCertificate,
		clientKey,
		applicationLayerProtocol,
		applicationLayerProtocolNegotiation,
	} = parameters;
	const maximumFragmentLength = parameters["maximumFragmentLength"];
	if (maximumFragmentLength !== undefined && ![512, 1024, 2048, 4096].includes(Number(maximumFragmentLength)))
		throw new RangeError(`TLS: maximumFragmentLength ${maximumFragmentLength} is not one of 512, 1024, 2048, 4096`);
	const full: TCPRequest = {
		...request,
		tls: {
			serverName: getString("TLS", "host", parameters["serverName"] ?? parameters["host"] ?? request.host),
			protocols: getProtocols(applicationLayerProtocol ?? applicationLayerProtocolNegotiation),
			minimumVersion: getOneOf("TLS", "minimumVersion", parameters["minimumVersion"], VERSIONS) || undefined,
			maximumVersion: getOneOf("TLS", "maximumVersion", parameters["maximumVersion"], VERSIONS) || undefined,
		},
	};
	if (full.tls?.serverName === undefined) throw new TypeError("TLS: host is required");
	if ((clientCertificate === undefined) !== (clientKey === undefined))
		throw new TypeError("TLS: clientCertificate and clientKey are required together");
	return call(
		NetworkOperation.tlsConnect,
		JSON.stringify(full),
		getCertificates("ca", ca ?? certificate),
		getCertificates("clientCertificate", clientCertificate),
		getCertificates("clientKey", clientKey),
	) as number;
};

/** One, or an array of them: joined. */
function getCertificates(name: string, value: unknown): Certificate | undefined {
	if (value === undefined || typeof value === "string") return value;
	if (!Array.isArray(value)) {
		checkBuffer(`TLS: ${name}`, value);
		return value;
	}
	const list = value as unknown[];
	if (list.every((item) => typeof item === "string")) return list.join("\n");
	let length = 0;
	for (const item of list) {
		checkBuffer(`TLS: ${name}`, item);
		length += item.byteLength;
	}
	const all = new Uint8Array(length);
	let offset = 0;
	for (const item of list as ByteBuffer[]) {
		const bytes = ArrayBuffer.isView(item)
			? new Uint8Array(item.buffer, item.byteOffset, item.byteLength)
			: new Uint8Array(item);
		all.set(bytes, offset);
		offset += bytes.byteLength;
	}
	return all;
}

function getProtocols(value: unknown): string[] | undefined {
	if (value === undefined) return undefined;
	const list: unknown[] = Array.isArray(value) ? value : [value];
	return list.map((item) => {
		if (typeof item === "string") return item;
		checkBuffer("TLS: applicationLayerProtocol", item);
		if (!ArrayBuffer.isView(item)) return String.fromArrayBuffer(item);
		return String.fromArrayBuffer(item.buffer as ArrayBuffer, item.byteOffset, item.byteLength);
	});
}

export default TLS;
