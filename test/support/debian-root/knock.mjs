// Opens as many TCP connections to a host and port as it is told, all at once, and says how many came about within a second.
import { connect } from "node:net";

const [host, port, count] = process.argv.slice(2);
let open = 0;
for (let number = 0; number < Number(count); number++) {
	const socket = connect(Number(port), host, () => open++);
	socket.on("error", () => {});
}
setTimeout(() => process.stdout.write(`${open}\n`, () => process.exit()), 1_000);
