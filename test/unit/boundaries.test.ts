import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { GENERATED } from "../../tools/moddable-manifest";
import { root } from "../../tools/root";

interface Import {
	readonly from: string;
	/** A path below the project, or a bare specifier. */
	readonly to: string;
}

function importsBelow(folder: string): Import[] {
	return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
		.filter((name) => /\.(ts|js)$/.test(name) && !name.includes("node_modules"))
		.flatMap((name) => {
			const from = posix.join(folder, name.replaceAll("\\", "/"));
			const text = readFileSync(join(root, from), "utf8");
			return [
				...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)";|^import\s+"([^"]+)";|\bimport\("([^"]+)"\)/gm),
			].map(([, a, b, c]) => {
				const specifier = (a ?? b ?? c)!;
				const to = specifier.startsWith(".") ? posix.join(dirname(from), specifier) : specifier;
				return { from, to };
			});
		});
}

function check(folder: string, allowed: (to: string, from: string) => boolean): void {
	const imports = importsBelow(folder);
	assert.ok(imports.length > 0, folder);
	const forbidden = imports.filter(({ from, to }) => !allowed(to, from)).map(({ from, to }) => `${from} -> ${to}`);
	assert.deepEqual(forbidden, []);
}

const standard = (to: string) => to.startsWith("embedded:") || to === "timer" || to === "time";

test("the firmware imports ECMA-419, timer, time and its siblings; nothing else", () => {
	check("modules", (to) => standard(to) || to.startsWith("modules/"));
});

test("the description imports only itself, so that tools may use it", () => {
	check("modules/description", (to) => to.startsWith("modules/description/"));
});

test("what a broker is made of follows from the description alone", () => {
	check("deploy", (to) => /^(node:|deploy\/|modules\/description\/)/.test(to) || to === "node");
});

test("dashboards are made of the description alone", () => {
	// Of Grafana's package only types are there.
	check("dashboards", (to) => /^(modules\/description|dashboards)\/|^node:|^@grafana\/schema$/.test(to));
});

test("hosts do not import the firmware: ECMA-419 joins them", () => {
	for (const host of readdirSync(join(root, "hosts"))) {
		// Generated modules are what joins the two in a build of Moddable's tools.
		if (host === "generated") continue;
		check(`hosts/${host}`, (to) => !/^(modules|sim)\//.test(to) && to !== "main" && to !== "node");
	}
});

test("what the hosts share needs neither Node.js nor any host, so that it runs in XS too", () => {
	check("hosts/shared", (to) => standard(to) || to === "vagalume:host" || to.startsWith("hosts/shared/"));
});

test("the host of the Moddable SDK needs that and what hosts share", () => {
	const sdk = /^(mc\/config|net|rng|ssl\/session|crypt|ecdsa|pkcs8|rsa|x509|moddable\/.*|embedded:storage\/files)$/;
	const simulator = /^(piu\/(All|PC)|ControlsPane|DevicePane)$/;
	check(
		"hosts/moddable",
		(to, from) =>
			sdk.test(to) ||
			/^hosts\/(moddable|shared)\//.test(to) ||
			(from.startsWith("hosts/moddable/panel/") && simulator.test(to)),
	);
});

test("hosts do not import each other, but for boards, which build on the Moddable SDK's host", () => {
	// Generated modules join what a build of Moddable's tools is made of.
	const names = readdirSync(join(root, "hosts")).filter((name) => name !== "generated");
	for (const name of names) {
		const allowed = name === "esp32" ? ["shared", "moddable", name] : ["shared", name];
		const others = names.filter((other) => !allowed.includes(other)).map((other) => `hosts/${other}/`);
		assert.deepEqual(
			importsBelow(`hosts/${name}`).filter(({ to }) => others.some((other) => to.startsWith(other))),
			[],
		);
	}
});

test("the contract suite takes device and ECMA-419 alone, so that every host can run it", () => {
	check("test/contract", (to) => standard(to) || to.startsWith("test/contract/"));
});

test("only the embedded side of a host knows the engine's own module", () => {
	for (const folder of ["modules", "sim", "tools", "hosts/desktop", "hosts/shared/services"]) {
		assert.deepEqual(
			importsBelow(folder).filter(({ to }) => to === "vagalume:host"),
			[],
			folder,
		);
	}
});

/** Where a regular expression is made while its module is evaluated: "path:line". */
function expressionsAtTopLevel(path: string): string[] {
	const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
	const found: string[] = [];
	const look = (node: ts.Node): void => {
		if (ts.isRegularExpressionLiteral(node) || (ts.isNewExpression(node) && node.expression.getText() === "RegExp"))
			found.push(`${path}:${source.getLineAndCharacterOfPosition(node.pos).line + 1}`);
		if (!ts.isFunctionLike(node) && !(ts.isPropertyDeclaration(node) && !isStatic(node))) ts.forEachChild(node, look);
	};
	look(source);
	return found;
}

function isStatic(node: ts.PropertyDeclaration): boolean {
	return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false;
}

test("no module that lies in flash makes a regular expression there: when it is run, XS 17.7 breaks its heap", () => {
	const folder = join(root, GENERATED);
	const files = new Set<string>();
	for (const manifest of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
		const { modules } = JSON.parse(readFileSync(join(folder, manifest), "utf8")) as { modules: Record<string, string> };
		for (const path of Object.values(modules)) if (path.startsWith(".")) files.add(`${join(folder, path)}.ts`);
	}
	assert.ok(files.size > 150, `${files.size} modules`);
	assert.deepEqual([...files].flatMap(expressionsAtTopLevel), []);
});
