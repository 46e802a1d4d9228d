/** A resolver that knows everybody's address, which is always the same. */
export class QuietResolver {
	resolve({ host, onResolved }: { host: string; onResolved(host: string, address: string): void }): void {
		onResolved(host, "10.0.0.1");
	}

	close(): void {}
}
