// Runs in the network of a DebianMachine, with a listening socket of this machine's: what arrives there goes to the machine's loopback.
import { connect } from "node:net";

process.once("message", (port, server) => {
	server.on("connection", (outside) => {
		const inside = connect(port, "127.0.0.1");
		outside.pipe(inside).pipe(outside);
		for (const [one, other] of [
			[outside, inside],
			[inside, outside],
		])
			one.on("error", () => other.destroy()).on("close", () => other.destroy());
	});
	process.send("ready");
});
process.once("disconnect", () => process.exit());
