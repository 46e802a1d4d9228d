// Written by `npm run generate`.
export { default } from "sim/moddable/setup";
