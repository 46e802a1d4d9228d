import { appendFileSync } from "node:fs";

// A reporter that keeps, in the file VAGALUME_FAILURES, a few lines for each test that failed. They are told last: who
// reads only the end of a long log learns them. It writes at once, for a forced exit loses what streams still hold.

const innermost = (error) => (error?.cause instanceof Error ? innermost(error.cause) : error);

// biome-ignore lint/correctness/useYield: a reporter is a generator, and this one prints nothing.
export default async function* failures(source) {
	for await (const { type, data } of source) {
		// A suite fails with its tests, which are told themselves.
		if (type !== "test:fail" || data.details?.error?.failureType === "subtestsFailed" || data.todo) continue;
		const error = innermost(data.details?.error);
		const reason = String(error?.message ?? error)
			.split("\n")
			.slice(0, 12)
			.join("\n    ");
		const where = data.file ? `\n    ${data.file}:${data.line}` : "";
		appendFileSync(process.env["VAGALUME_FAILURES"], `failed: ${data.name}${where}\n    ${reason}\n`);
	}
}
