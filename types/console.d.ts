// Apart from globals.d.ts, because Node.js declares a console of its own.

interface Console {
	log(...values: unknown[]): void;
	debug(...values: unknown[]): void;
	info(...values: unknown[]): void;
	warn(...values: unknown[]): void;
	error(...values: unknown[]): void;
}
declare const console: Console;
