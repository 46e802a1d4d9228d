import { pbkdf2Sync, randomBytes, randomInt } from "node:crypto";

/** No letter that is mistaken for another one when it is typed on a phone. */
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
/** Of 32 letters each: 120 bits. */
const LENGTH = 24;
const SALT_BYTES = 12;
const HASH_BYTES = 64;
/**
 * As mosquitto_passwd has it. More would only slow the broker, which computes it at each connect: passwords of 120 random
 * bits cannot be guessed from their hashes.
 */
const ITERATIONS = 101;

/** A new random password: 24 small letters and digits. */
export function newPassword(): string {
	return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

/** What Mosquitto 2 keeps of a password: `$7$iterations$salt$hash`, PBKDF2 with SHA-512 (RFC 8018 §5.2). */
export function hashPassword(password: string, salt = randomBytes(SALT_BYTES), iterations = ITERATIONS): string {
	const hash = pbkdf2Sync(password, salt, iterations, HASH_BYTES, "sha512");
	return `$7$${iterations}$${salt.toString("base64")}$${hash.toString("base64")}`;
}
