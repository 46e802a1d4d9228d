// Written by `npm run generate`.
export { default } from "hosts/esp32/provider";
