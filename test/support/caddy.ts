import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { plainEnvironment } from "#scripts/stack/part.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { expectOk } from "#scripts/stack/probe.ts";
import { startPart, temporaryFolder } from "./start-part.ts";

export const caddyfile = join(import.meta.dirname, "../../docker/Caddyfile");
export const caddyProgram = "/usr/bin/caddy";
export const caddyIsHere = (() => {
  try {
    accessSync(caddyProgram, constants.X_OK);
    return true;
  } catch {
    return false;
  }
})();

type Ingress = { domain: string; apiPort: number; certificate: { pem: string; key: string }; clientAuthority: string };

/** docker/Caddyfile as it is, on free ports. */
export async function startCaddy({ domain, apiPort, certificate, clientAuthority }: Ingress) {
  const [http, https, health, folder] = await Promise.all([freePort(), freePort(), freePort(), temporaryFolder("caddy")]);
  const environment = {
    ...plainEnvironment(process.env),
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
    ORIGIN_DOMAIN: domain,
    TLS_FILES: `${certificate.pem} ${certificate.key}`,
    EDGE_CLIENT_CA: clientAuthority,
    API_UPSTREAM: `127.0.0.1:${apiPort}`,
    HTTP_PORT: `${http}`,
    HTTPS_PORT: `${https}`,
    HEALTH_PORT: `${health}`,
  };
  const part = {
    name: "caddy",
    command: [caddyProgram, "run", "--config", caddyfile, "--adapter", "caddyfile"] as const,
    environment,
    logPath: join(folder, "caddy.log"),
    probe: (signal: AbortSignal) => expectOk(`http://127.0.0.1:${health}`, "/", signal),
    readyWithinMs: 30_000,
    stopWithinMs: 5_000,
  };
  const started = await startPart(part, { url: `https://${domain}:${https}`, folder });
  return { http, https, stop: () => started.stop() };
}
