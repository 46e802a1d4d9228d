// Module hooks: the specifiers that XS hosts provide, for unit tests in Node.
const standIns = {
	timer: new URL("./timer.ts", import.meta.url).href,
	time: new URL("./time.ts", import.meta.url).href,
	"vagalume:host": new URL("./host-stand-in.ts", import.meta.url).href,
};

export function resolve(specifier, context, next) {
	return next(standIns[specifier] ?? specifier, context);
}
