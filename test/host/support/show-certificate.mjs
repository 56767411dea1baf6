// What Cloudflare's binding of a client certificate does and `wrangler dev` cannot: passes requests on to the origin's address, and shows the certificate.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Agent, request } from "node:https";

const { ORIGIN_DOMAIN: domain } = process.env;
const file = (name) => readFileSync(`/certificates/${name}`);
const agent = new Agent({ keepAlive: true, ca: file("ours.pem"), cert: file("edge.pem"), key: file("edge.key") });
const origin = { host: "caddy", port: 443, servername: domain, agent };

// Whoever reuses a connection must not find it closed.
createServer({ keepAliveTimeout: 600_000 }, (incoming, answer) => {
  const { method, url: path, headers } = incoming;
  const onward = request({ ...origin, method, path, headers: { ...headers, host: domain } }, (response) => {
    answer.writeHead(response.statusCode, response.headers);
    response.on("error", () => answer.destroy()).pipe(answer);
  });
  onward.on("error", (error) => {
    console.error(method, path, error.message);
    answer.destroy();
  });
  answer.once("close", () => onward.destroy());
  incoming.pipe(onward);
}).listen(8788);
