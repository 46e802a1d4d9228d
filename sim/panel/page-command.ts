import { builtPage } from "./page-build";

/** `vagalume page`: resolves to the exit status. Without the page a node still runs: `sim --headless`. */
export async function run(): Promise<number> {
	const start = performance.now();
	try {
		await builtPage();
		const seconds = (performance.now() - start) / 1000;
		if (seconds > 0.5) process.stdout.write(`the panel's page built: ${seconds.toFixed(1)} s\n`);
		return 0;
	} catch (error) {
		process.stderr.write(`the panel's page could not be built (only --headless works): ${(error as Error).message}\n`);
		return 1;
	}
}
