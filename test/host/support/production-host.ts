// A host as docs/deploy.md sets it up, with Caddy as its ingress, and around it what Cloudflare would be (outside.yaml).
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "#scripts/stack/ports.ts";
import { testSignatures } from "#scripts/stack/signatures.ts";
import { localR2Endpoint } from "#scripts/stack/wrangler-config.ts";
import { authority } from "#test/support/certificates.ts";
import { haveCaddyImage } from "./caddy-image.ts";
import { baseVersion, openHost } from "./host.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");
const domain = "origin.test";
const files = ["compose.yaml", "compose.production.yaml", "compose.ingress-caddy.yaml", "../test/host/outside.yaml"];
const edgeSecrets = ["edge_key", "r2_access_key_id", "r2_secret_access_key"];

export type ProductionHost = Awaited<ReturnType<typeof openProductionHost>>;

export async function openProductionHost() {
  await haveCaddyImage();
  const ports = { http: await freePort(), https: await freePort() };
  const certificates = { pem: "", edge: { cert: "", key: "" }, stranger: { cert: "", key: "" } };
  const host = await openHost(async (state, port) => {
    Object.assign(certificates, await makeCertificates(state));
    await makeSecrets(state);
    testSignatures(join(state, "signatures"));
    return {
      files,
      environment: { OUTSIDE: state, OUTSIDE_VERSION: baseVersion },
      settings: {
        PUBLIC_URL: `http://127.0.0.1:${port}`,
        R2_ENDPOINT: localR2Endpoint(port),
        METRICS_PORT: "9464",
        ORIGIN_DOMAIN: domain,
        TLS_FILES: "/etc/tls/origin.pem /etc/tls/origin.key",
        TLS_DIR: join(state, "tls"),
        SECRETS_DIR: join(state, "secrets"),
        HTTP_PORT: `${ports.http}`,
        HTTPS_PORT: `${ports.https}`,
      },
    };
  });
  return { ...host, ports, domain, certificates };
}

/** The server's own, and the edge's with its authority. */
async function makeCertificates(state: string) {
  const [tls, outside, secrets] = [join(state, "tls"), join(state, "certificates"), join(state, "secrets")];
  for (const folder of [tls, outside, secrets]) await mkdir(folder);
  const [ours, theirs] = [await authority(outside, "ours"), await authority(outside, "theirs")];
  const [server, edge, stranger] = [await ours.issue("origin", domain), await ours.issue("edge"), await theirs.issue("stranger")];
  await copyFile(server.paths.pem, join(tls, "origin.pem"));
  await copyFile(server.paths.key, join(tls, "origin.key"));
  await run("install", ["-m", "644", ours.path, join(secrets, "edge_client_ca")]);
  for (const name of await readdir(outside)) await chmod(join(outside, name), 0o644);
  return { pem: ours.pem, edge, stranger };
}

/** What Cloudflare draws is put beside what we draw, and the edge gets its own, as `wrangler secret put` does it. */
async function makeSecrets(state: string): Promise<void> {
  const [folder, edge] = [join(state, "secrets"), join(state, "edge")];
  for (const name of edgeSecrets.slice(1)) await writeFile(join(folder, name), randomBytes(16).toString("hex"), { mode: 0o600 });
  const { stdout } = await run("npm", ["run", "secrets", "--", "--dir", folder, "--containers"], { cwd: root });
  if (stdout.includes("sudo chown")) throw new Error(`only root gives secrets to containers:\n${stdout}`);
  await mkdir(edge);
  for (const name of edgeSecrets) {
    await copyFile(join(folder, name), join(edge, name));
    await chmod(join(edge, name), 0o644);
  }
}
