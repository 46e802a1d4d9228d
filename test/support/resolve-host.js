// Module hooks: specifiers of the desktop host lead to its own files, `vagalume:host` to a stand-in.
import { specifiers } from "../../hosts/desktop/firmware/specifiers.ts";

export function resolve(specifier, context, next) {
	if (specifier === "vagalume:host") return next(new URL("./host-stand-in.ts", import.meta.url).href, context);
	const path = specifier === "main" ? undefined : specifiers[specifier];
	return next(path === undefined ? specifier : new URL(`../../${path}.ts`, import.meta.url).href, context);
}
