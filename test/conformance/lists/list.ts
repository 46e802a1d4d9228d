/** A list of clauses that a client is measured by. */
export interface ClauseList {
	readonly title: string;
	/** Where the list comes from, in Markdown. */
	readonly source: string;
	/** What stands before each clause where a test names it: two standards have the same numbers. */
	readonly prefix?: string;
	/** The clause, and what it says in our words. */
	readonly clauses: Readonly<Record<string, string>>;
}
