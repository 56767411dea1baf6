// The edge of docker/compose.dev.yaml: `wrangler dev` with the secrets of the volume. Never for production.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { edgePart } from "../stack/edge.ts";
import { localEdgeSecrets, localJwt, localWranglerConfig } from "../stack/wrangler-config.ts";
import { reachOrigin } from "./reach-origin.ts";

const root = new URL("../..", import.meta.url).pathname;
const port = Number(process.env.TRUSTY_PORT);
const secret = (name: string) => readFileSync(`/run/secrets/${name}`, "utf8").trim();
const credentials = {
  edgeKey: secret("edge_key"),
  r2AccessKeyId: secret("r2_access_key_id"),
  r2SecretAccessKey: secret("r2_secret_access_key"),
};
const ports = { edge: port, origin: 8788 };
const origin = `http://127.0.0.1:${ports.origin}`;
reachOrigin(process.env.ORIGIN_NAME || "api", ports.origin);
const jwt = { ...localJwt(ports), jwks: `${origin}/.well-known/jwks.json` };
const local = localWranglerConfig({ root, ports, credentials, jwt, variables: { ORIGIN_URL: origin } });
const config = { ...local, dev: { ...local.dev, ip: "0.0.0.0" } };
const edge = { root, dir: "/tmp/edge", port, inspectorPort: 9229, config, secrets: localEdgeSecrets(credentials), logPath: "" };
const { command, environment } = edgePart(edge, process.env);
const [program, ...args] = command.map((word) => (word === "/tmp/edge/state" ? "/dev-data" : word));

const child = spawn(program as string, args, { env: environment, stdio: "inherit", cwd: "/tmp/edge" }); // a Part has a program
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => child.kill(signal));
child.once("exit", (code) => process.exit(code ?? 1));
