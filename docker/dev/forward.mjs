// Loaded before the origin's programs in development. The emulated R2 answers to the name `localhost` only, and a signed address holds for one
// name, so that clients on the machine and the origin in its containers must use the same: here it leads to the edge's container.
import { connect, createServer } from "node:net";

const port = Number(process.env.TRUSTY_PORT);
const server = createServer((socket) => {
  const onward = connect(port, "edge");
  for (const [from, to] of [
    [socket, onward],
    [onward, socket],
  ])
    from.on("error", () => to.destroy()).pipe(to);
});
// A health check in the same container finds the port taken, and needs none.
server
  .on("error", () => {})
  .listen(port, "localhost")
  .unref();
