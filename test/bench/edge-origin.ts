// The origin of the edge's bench, a process of its own that costs as little as it can: it answers from memory and checks nothing.
import { createServer } from "node:http";

/** Answers by path; every other path is the job's. */
export type OriginStub = { answers: Record<string, string>; job: string };

process.once("message", ({ answers, job }: OriginStub) => {
  const server = createServer((request, response) => {
    const body = answers[request.url ?? ""] ?? job;
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.send?.({ port: address !== null && typeof address === "object" ? address.port : undefined });
  });
});
process.once("disconnect", () => process.exit(0));
