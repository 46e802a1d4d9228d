/** What was asked cannot be done now: exit status 1. The message says why, and what to do. */
export class BrokerError extends Error {
	override readonly name = "BrokerError";
}
