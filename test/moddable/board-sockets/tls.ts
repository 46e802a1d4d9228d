export { default } from "hosts/esp32/network/tls";
