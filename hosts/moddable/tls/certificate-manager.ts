/**
 * In place of the SDK's `ssl/cert`, which takes a leaf certificate for an authority, refuses a server that sends its own
 * certificate alone, and does not say why. Under that name relative imports would fail.
 */

import { isSignedBy } from "hosts/moddable/tls/signature";
import { checkChain } from "hosts/shared/tls/chain";
import { sameBytes } from "hosts/shared/tls/der";
import PKCS8 from "pkcs8";
import X509 from "x509";

interface Options {
	/** Trusted authorities, in DER. */
	readonly authorities?: readonly Uint8Array[];
	/** In DER, the client's own first. */
	readonly clientCertificates?: readonly Uint8Array[];
	/** PKCS #8, in DER. */
	readonly clientKey?: Uint8Array;
}

/** What the SDK's TLS session asks about certificates. */
class CertificateManager {
	readonly #authorities: readonly Uint8Array[];
	readonly #own: readonly Uint8Array[];
	readonly #key: Uint8Array | undefined;
	/** The server's certificate, once it was verified. */
	#peer: Uint8Array | undefined;

	constructor({ authorities = [], clientCertificates = [], clientKey }: Options) {
		this.#authorities = authorities;
		this.#own = clientCertificates;
		this.#key = clientKey;
	}

	/** Throws when the server's certificates are not good. */
	verify(certificates: readonly Uint8Array[], { tls_server_name: name }: { tls_server_name?: string }): boolean {
		checkChain({
			certificates,
			anchors: this.#authorities,
			name: name ?? "",
			date: Date.now(),
			isSignedBy,
		});
		return true;
	}

	register(certificate: ArrayBuffer): void {
		this.#peer = new Uint8Array(certificate);
	}

	/** The public key of the server, or this client's own private one. */
	getKey(certificate: ArrayBuffer | Uint8Array): object | undefined {
		const bytes = certificate instanceof Uint8Array ? certificate : new Uint8Array(certificate);
		if (this.#peer && sameBytes(this.#peer, bytes)) return X509.decodeSPKI(this.#peer);
		const [own] = this.#own;
		return own && this.#key && sameBytes(own, bytes) ? PKCS8.parse(this.#key) : undefined;
	}

	/** What the client shows when it is asked; nothing, if it has nothing. */
	findPreferredCert(): readonly Uint8Array[] {
		return this.#own;
	}
}

export default CertificateManager;
