// Written by `npm run generate` from node.ts: stands for modules/sensor/own-drivers in the Moddable build.
import analogLight from "../../modules/driver/light/light";

export const ownDrivers: Readonly<Record<string, unknown>> = Object.freeze({ "analog-light": analogLight });
