/** Wrong usage of the command line: exit status 2. The message names the option and says what to do. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}
