import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe, { type AxeResults } from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { root } from "../../tools/root";

const program = [process.env["CHROMIUM"] ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
	(path) => path !== "" && existsSync(path),
);

/** Why tests in a browser are skipped; false when there is one. */
export const withoutChromium = program === undefined && "chromium is not installed (or not where CHROMIUM says)";

/** How long a page may take for anything: the machine may be busy with other tests (ms). */
const PATIENCE = 30_000;

/** Debian's chromium, without a display. */
export class TestBrowser {
	readonly #browser: Browser;
	/** What went wrong on its pages: errors on the console, exceptions. */
	readonly faults: string[] = [];

	private constructor(browser: Browser) {
		this.#browser = browser;
	}

	static async start(): Promise<TestBrowser> {
		// As root, as in containers, there is no sandbox; the pages are our own.
		const args = ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"];
		return new TestBrowser(await chromium.launch({ executablePath: program!, args }));
	}

	/** A page with storage of its own. */
	async page(url: string, options: BrowserContextOptions = {}): Promise<Page> {
		const context = await this.#browser.newContext({
			viewport: { width: 1380, height: 900 },
			colorScheme: "dark",
			locale: "en-US",
			reducedMotion: "reduce",
			...options,
		});
		const page = await context.newPage();
		page.setDefaultTimeout(PATIENCE);
		page.on("pageerror", (error) => this.faults.push(String(error.stack)));
		page.on("console", (message) => {
			if (message.type() === "error" && !/WebSocket|ERR_CONNECTION/.test(message.text()))
				this.faults.push(message.text());
		});
		await page.goto(url);
		return page;
	}

	async close(): Promise<void> {
		await this.#browser.close();
	}
}

const renewing = process.env["VAGALUME_PICTURES"] !== undefined;
const folder = renewing ? join(root, "docs") : mkdtempSync(join(tmpdir(), "vagalume-pictures-"));

/** Takes a picture of the page, or of a part `of` it: for the documentation when VAGALUME_PICTURES is set, else to a folder of its own. */
export async function takePicture(page: Page, name: string, options: { of?: string } = {}): Promise<Buffer> {
	mkdirSync(folder, { recursive: true });
	await page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)");
	await page.mouse.move(0, 0);
	if (options.of) return page.locator(options.of).screenshot({ path: join(folder, `${name}.png`) });
	return page.screenshot({ path: join(folder, `${name}.png`) });
}

/** Keeps a picture that another browser took, where `takePicture` keeps its own. */
export function keepPicture(name: string, bytes: Uint8Array): void {
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, `${name}.png`), bytes);
}

/** What axe-core finds serious or critical on the page, WCAG 2.2 AA, as `rule: where`. */
export async function violations(page: Page): Promise<string[]> {
	// By the debugger's way: the page's Content-Security-Policy lets no script in.
	await page.evaluate(axe.source);
	const found = (await page.evaluate(
		"axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })",
	)) as AxeResults;
	return found.violations
		.filter(({ impact }) => impact === "serious" || impact === "critical")
		.map(
			({ id, nodes }) =>
				`${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`,
		);
}
