export default function failures(
	source: AsyncIterable<{ readonly type: string; readonly data: object }>,
): AsyncGenerator<string, void>;
