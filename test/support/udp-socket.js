// A UDP socket on a computer of test/support/local-network.ts: `node udp-socket.js ADDRESS PORT`, 0 for a free port. It is told by
// lines of JSON what to send (address, port, data in base64, times), and tells so what it got. On port 5353 it hears multicast DNS.
import { createSocket } from "node:dgram";
import { createInterface } from "node:readline";

const [address, port] = [process.argv[2], Number(process.argv[3])];
const socket = createSocket({ type: "udp4", reuseAddr: true });
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

socket.on("message", (data, from) =>
	tell({ address: from.address, port: from.port, data: data.toString("base64"), time: performance.now() }),
);
socket.bind(port, () => {
	if (port === 5353) socket.addMembership("224.0.0.251", address);
	socket.setMulticastInterface(address);
	tell({ bound: socket.address().port });
});
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
	const { address, port, data, times = 1 } = JSON.parse(line);
	for (let n = 0; n < times; n++) socket.send(Buffer.from(data, "base64"), port, address);
});
lines.on("close", () => socket.close());
