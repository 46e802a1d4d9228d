/** What HTTP's heads are made of (RFC 9110 §5): for the HTTP client and the opening handshake of WebSocket. */

/** RFC 9110 §5.6.2. In a function: a preloaded regular expression breaks the heap of XS 17.7. */
export function isToken(text: string): boolean {
	return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
}

const LF = 10;
const CR = 13;
/** Characters of what a server says that an error repeats. */
const LONGEST_QUOTE = 100;

/** Lines of a request's head. Throws an error that names the header; `isReserved`: the class itself says it. */
export function fieldLines(owner: string, headers: unknown, isReserved: (name: string) => boolean): string[] {
	const lines: string[] = [];
	if (headers === undefined || headers === null) return lines;
	if (typeof (headers as Iterable<unknown>)[Symbol.iterator] !== "function")
		throw new TypeError(`${owner}: headers is neither a Map nor an array of pairs`);
	for (const [name, value] of headers as Iterable<readonly [string, string]>) {
		if (!isToken(name)) throw new RangeError(`${owner}: header "${name}" is not a name`);
		if (isReserved(name.toLowerCase())) throw new RangeError(`${owner}: header "${name}" is set by the client`);
		const text = String(value);
		// No line ends: what follows them would be another header.
		if (!/^[\t -~\x80-\uffff]*$/.test(text)) throw new RangeError(`${owner}: header "${name}" has a control character`);
		lines.push(`${name}: ${text}`);
	}
	return lines;
}

/** `Host`, with the port unless it is one that schemes stand for. */
export function hostLine(host: string, port: number): string {
	const name = host.includes(":") ? `[${host}]` : host;
	return `Host: ${port === 80 || port === 443 ? name : `${name}:${port}`}`;
}

/** A line without its end. What is not printable ASCII becomes "?", in place. */
export function lineOf(bytes: Uint8Array, start: number, end: number): string {
	if (end > start && bytes[end - 1] === LF) end--;
	if (end > start && bytes[end - 1] === CR) end--;
	for (let index = start; index < end; index++) {
		const byte = bytes[index]!;
		if (byte === 9) bytes[index] = 32;
		else if (byte < 32 || byte > 126) bytes[index] = 63;
	}
	return String.fromArrayBuffer(bytes.buffer as ArrayBuffer, start, end - start);
}

export function quote(text: string): string {
	return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}...` : text;
}
