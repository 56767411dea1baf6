import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const composeFile = join(import.meta.dirname, "../../../docker/compose.ingress-caddy.yaml");

/** Gets the image that the compose file names. Where it cannot be pulled, one of that name is built with Debian's Caddy, set up as the public one is. */
export async function haveCaddyImage(): Promise<void> {
  const name = /image: (caddy:\S+)/.exec(await readFile(composeFile, "utf8"))?.[1];
  if (name === undefined) throw new Error(`${composeFile} names no image of caddy`);
  const had = (...args: string[]) =>
    run("docker", args).then(
      () => true,
      () => false,
    );
  if ((await had("image", "inspect", name)) || (await had("pull", "--quiet", name))) return;
  const building = run("docker", ["build", "--quiet", "--tag", name, "-"]);
  building.child.stdin?.end(standIn);
  await building;
}

const standIn = `
FROM debian:trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends caddy wget libcap2-bin && rm -rf /var/lib/apt/lists/* \\
 && setcap cap_net_bind_service=+ep /usr/bin/caddy && mkdir -p /config/caddy /data/caddy
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
WORKDIR /srv
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
`;
