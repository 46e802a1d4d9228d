import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, test } from "node:test";
import { readCertificate } from "../../hosts/shared/tls/certificate";
import { type ChainOptions, checkChain, matches } from "../../hosts/shared/tls/chain";
import { readPem } from "../../hosts/shared/tls/pem";
import { certificate, withoutOpenssl } from "../support/certificates";

const DATE = Date.UTC(2026, 0, 1);

/** The certificate in a file of test certificates. */
function der(name: string): Uint8Array {
	const [block] = readPem(certificate(`${name}.pem`));
	assert.equal(block!.label, "CERTIFICATE");
	return block!.der;
}

const isSignedBy: ChainOptions["isSignedBy"] = (one, issuer) =>
	new X509Certificate(one.der).verify(new X509Certificate(issuer.der).publicKey);

/** `accepted`, or the code of the refusal. */
function check(certificates: readonly string[], options: Partial<ChainOptions> & { authority?: string } = {}): string {
	const { authority = "rsa-authority", ...rest } = options;
	try {
		checkChain({
			certificates: certificates.map(der),
			anchors: [der(authority)],
			name: "localhost",
			date: DATE,
			isSignedBy,
			...rest,
		});
		return "accepted";
	} catch (error) {
		return (error as { code?: string }).code ?? String(error);
	}
}

describe("a server's certificates", { skip: withoutOpenssl }, () => {
	test("are accepted with their authority, and alone", () => {
		assert.equal(check(["rsa-server", "rsa-authority"]), "accepted");
		assert.equal(check(["rsa-server"]), "accepted");
		assert.equal(check(["server"], { authority: "authority" }), "accepted");
		assert.equal(check(["rsa-server"], { name: "127.0.0.1" }), "accepted");
	});

	test("are refused when nobody known has signed them, also when they bring their own authority along", () => {
		assert.equal(check(["rsa-server"], { anchors: [] }), "UNABLE_TO_GET_ISSUER_CERT_LOCALLY");
		assert.equal(check(["rsa-server"], { authority: "rsa-stranger" }), "UNABLE_TO_GET_ISSUER_CERT_LOCALLY");
		assert.equal(check(["rsa-server", "rsa-authority"], { anchors: [] }), "UNABLE_TO_GET_ISSUER_CERT_LOCALLY");
		assert.equal(check([]), "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
	});

	test("are refused for another name", () => {
		assert.equal(check(["rsa-misnamed"]), "ERR_TLS_CERT_ALTNAME_INVALID");
		assert.equal(check(["rsa-misnamed"], { name: "elsewhere.example" }), "accepted");
		assert.equal(check(["rsa-server"], { name: "127.0.0.2" }), "ERR_TLS_CERT_ALTNAME_INVALID");
		assert.equal(check(["rsa-server"], { name: "" }), "ERR_TLS_CERT_ALTNAME_INVALID");
	});

	test("are refused before and after their time, their authority's too", () => {
		assert.equal(check(["rsa-expired"]), "CERT_HAS_EXPIRED");
		assert.equal(check(["rsa-expired"], { date: Date.UTC(2020, 0, 15) }), "accepted");
		assert.equal(check(["rsa-server"], { date: 3_600_000 }), "CERT_NOT_YET_VALID");
		assert.equal(check(["rsa-server"], { date: Date.UTC(2119, 6, 1) }), "CERT_HAS_EXPIRED");
	});

	test("are refused when a certificate that is no authority's has signed them", () => {
		assert.equal(check(["rsa-impostor", "rsa-misnamed"]), "UNABLE_TO_GET_ISSUER_CERT_LOCALLY");
		assert.equal(check(["rsa-impostor", "rsa-misnamed", "rsa-authority"]), "UNABLE_TO_GET_ISSUER_CERT_LOCALLY");
		assert.equal(check(["rsa-impostor"], { authority: "rsa-misnamed" }), "UNABLE_TO_GET_ISSUER_CERT_LOCALLY");
	});

	test("are refused when they are a client's, or their signature is false", () => {
		assert.equal(check(["rsa-client"]), "INVALID_PURPOSE");
		assert.equal(check(["rsa-server"], { isSignedBy: () => false }), "UNABLE_TO_GET_ISSUER_CERT_LOCALLY");
	});

	test("are refused when they are no certificates: cut short, or longer than they say", () => {
		const whole = der("rsa-server");
		for (let length = 0; length < whole.length; length += 7)
			assert.equal(
				check([], { certificates: [whole.subarray(0, length)] }),
				"ERR_TLS_CERT_MALFORMED",
				`${length} bytes`,
			);
		for (let index = 0; index < whole.length; index += 3) {
			const changed = Uint8Array.from(whole);
			changed[index]! ^= 0xff;
			// It may be read as something else, but never ends in anything but a refusal or an acceptance with its signature.
			const result = check([], { certificates: [changed] });
			assert.notEqual(result, "accepted", `byte ${index}`);
			assert.match(result, /^[A-Z_]+$|^Error: /, `byte ${index}`);
		}
	});

	test("of 7 and more are no chain", () => {
		assert.equal(check(Array.from({ length: 7 }, () => "rsa-server")), "CERT_CHAIN_TOO_LONG");
	});
});

describe("names with a star", () => {
	const named = (pattern: string, name: string) => matches({ dnsNames: [pattern], addresses: [] }, name);

	test("stand for one whole label, the first", () => {
		assert.equal(named("*.example.com", "a.example.com"), true);
		assert.equal(named("*.example.com", "a.b.example.com"), false);
		assert.equal(named("*.example.com", "example.com"), false);
		assert.equal(named("*.com", "example.com"), false);
		assert.equal(named("*", "com"), false);
		assert.equal(named("a*.example.com", "ab.example.com"), false);
	});
});

describe("certificates", { skip: withoutOpenssl }, () => {
	test("are read as Node reads them", () => {
		for (const name of ["authority", "server", "expired", "misnamed", "client", "rsa-authority", "rsa-server"]) {
			const bytes = der(name);
			const own = readCertificate(bytes);
			const node = new X509Certificate(bytes);
			assert.equal(own.from, Date.parse(node.validFrom), name);
			assert.equal(own.to, Date.parse(node.validTo), name);
			assert.equal(own.authority, node.ca, name);
			assert.deepEqual(
				own.dnsNames.map((dns) => `DNS:${dns}`).concat(own.addresses.map((address) => `IP Address:${address}`)),
				node.subjectAltName?.split(", ") ?? [],
				name,
			);
			assert.deepEqual(Buffer.from(own.key), node.publicKey.export({ type: "spki", format: "der" }), name);
		}
	});
});
