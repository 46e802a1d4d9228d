// The thread of a machine that is debugged. A new thread knows no TypeScript until tsx is there.
// @ts-check
import { register } from "tsx/esm/api";

register();
const { serve } = await import("./worker-machine.ts");
serve();
