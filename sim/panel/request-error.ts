/** A request that is answered with `status` and the message, which names what was wrong. */
export class RequestError extends Error {
	readonly status: number;

	constructor(status: number, message: string) {
		super(message);
		this.name = "RequestError";
		this.status = status;
	}
}
