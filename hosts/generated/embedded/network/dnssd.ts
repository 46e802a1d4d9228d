// Written by `npm run generate`.
export { default } from "hosts/shared/embedded/network/dnssd/client";
