/** What XS hosts have on the global object beside ECMAScript's: imported before anything that uses them. */
import console from "./console";

Object.defineProperty(globalThis, "console", { value: console, writable: true, configurable: true });
