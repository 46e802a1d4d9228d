// `node --import ./test/support/register-host.js`: the XS side of the desktop host under Node, on services of Node,
// without the engine. `host-stand-in.ts` takes the place of `vagalume:host`.
import { register } from "node:module";
import { register as registerTypeScript } from "tsx/esm/api";
import "./globals.js";

registerTypeScript();
register("./resolve-host.js", import.meta.url);
