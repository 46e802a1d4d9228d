// `node --import ./test/support/register.js`: TypeScript under Node, with firmware specifiers answered by stand-ins.
import { register } from "node:module";
import { register as registerTypeScript } from "tsx/esm/api";
import "./globals.js";

registerTypeScript();
register("./resolve.js", import.meta.url);
