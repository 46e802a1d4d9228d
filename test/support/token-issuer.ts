import { createHmac, createSign, createVerify, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Claims {
	readonly sub: string;
	readonly iat: number;
	readonly exp: number;
	readonly jti: string;
}

/** With what has to be encoded (RFC 6749 §2.3.1). */
const CLIENT = "casa: luz & agua";
const SECRET = "s3cret+/:%moth";

/** A token service with its keys, and the broker's side of them: issues JWTs (RFC 7519) for one client, and checks them. */
export class TokenIssuer {
	readonly client = CLIENT;
	readonly secret = SECRET;
	/** Seconds that a token lives. */
	life = 60;
	/** How many were given, and what was asked with. */
	given = 0;
	readonly bodies: string[] = [];
	/** Stands for the service when it is set. */
	answer: RequestListener | undefined;
	/** ms since 1970. */
	now: () => number = Date.now;
	readonly #folder = mkdtempSync(join(tmpdir(), "vagalume-token-"));
	readonly #algorithm: "HS256" | "RS256";
	#shared = randomBytes(32);
	readonly #pair = generateKeyPairSync("rsa", { modulusLength: 2048 });

	constructor(algorithm: "HS256" | "RS256" = "HS256") {
		this.#algorithm = algorithm;
	}

	/** What was given before is worth nothing. */
	changeKey(): void {
		this.#shared = randomBytes(32);
	}

	/** The file for `--token-file`. */
	file(url: string, changes: object = {}): string {
		const path = join(this.#folder, `${randomUUID()}.json`);
		writeFileSync(path, JSON.stringify({ url, client: this.client, secret: this.secret, ...changes }), { mode: 0o600 });
		return path;
	}

	issue(changes: Partial<Claims> = {}): string {
		const iat = Math.floor(this.now() / 1000);
		const claims: Claims = { sub: this.client, iat, exp: iat + this.life, jti: randomUUID(), ...changes };
		const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
		const signed = `${part({ alg: this.#algorithm, typ: "JWT" })}.${part(claims)}`;
		return `${signed}.${this.#sign(signed).toString("base64url")}`;
	}

	/** The claims of a token that is good now. */
	check(token: string | undefined): Claims | undefined {
		const [header = "", payload = "", signature = ""] = (token ?? "").split(".");
		const signed = `${header}.${payload}`;
		const bytes = Buffer.from(signature, "base64url");
		const good =
			this.#algorithm === "HS256"
				? this.#sign(signed).equals(bytes)
				: createVerify("RSA-SHA256").update(signed).verify(this.#pair.publicKey, bytes);
		if (!good) return undefined;
		const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Claims;
		return this.now() < claims.exp * 1000 ? claims : undefined;
	}

	readonly listener: RequestListener = (request, response) => {
		if (this.answer) {
			this.answer(request, response);
			return;
		}
		void bodyOf(request).then((body) => {
			this.bodies.push(body);
			const say = (status: number, answer: object) =>
				response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
			const [, digits = ""] = /^Basic (\S+)$/.exec(request.headers.authorization ?? "") ?? [];
			const [client, secret] = Buffer.from(digits, "base64").toString().split(":").map(decodeURIComponent);
			if (request.method !== "POST" || new URLSearchParams(body).get("grant_type") !== "client_credentials")
				say(400, { error: "unsupported_grant_type" });
			else if (client !== this.client || secret !== this.secret)
				say(401, { error: "invalid_client", error_description: `not the secret: ${secret}` });
			else {
				this.given++;
				say(200, { access_token: this.issue(), token_type: "Bearer", expires_in: this.life });
			}
		});
	};

	close(): void {
		rmSync(this.#folder, { recursive: true });
	}

	#sign(text: string): Buffer {
		return this.#algorithm === "HS256"
			? createHmac("sha256", this.#shared).update(text).digest()
			: createSign("RSA-SHA256").update(text).sign(this.#pair.privateKey);
	}
}

function bodyOf(request: IncomingMessage): Promise<string> {
	return new Promise((resolve) => {
		let text = "";
		request.on("data", (part: Buffer) => {
			text += part;
		});
		request.on("end", () => resolve(text));
	});
}
