// Written by `npm run generate`.
export { default } from "modules/mqtt/client";
