// Images that come from a registry: one of this machine's own, on loopback.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baseVersion, changedImage, type Host, openHost } from "./support/host.ts";

const run = promisify(execFile);
const patienceMs = 15 * 60_000;
const [next, registryImage] = ["host-test-pulled", "trustyconvert/test-registry"];

let host: Host;
let registry: string;
let images: string;
const docker = async (...args: string[]) => (await run("docker", args, { maxBuffer: 64_000_000 })).stdout.trimEnd();
beforeAll(async () => {
  host = await openHost();
  await host.compose("up", "-d", "api");
  await buildRegistry();
  registry = await docker("run", "--detach", "--rm", "--publish", "127.0.0.1::5000", registryImage);
  images = `${(await docker("port", registry, "5000/tcp")).split("\n")[0]}/acme`;
  await changedImage("origin", next, `LABEL release=${next}`);
  // No engine runs here, and LibreOffice would take a minute to push: under the engine's name is the other image.
  for (const name of ["origin", "engine"]) {
    await docker("tag", `trustyconvert/origin:${next}`, `${images}/${name}:${next}`);
    await docker("push", "--quiet", `${images}/${name}:${next}`);
    await docker("image", "rm", `${images}/${name}:${next}`);
  }
  await docker("image", "rm", `trustyconvert/origin:${next}`);
}, patienceMs);
afterAll(async () => {
  await host.end();
  await docker("rm", "--force", registry);
  const left = (await docker("images", "--format", "{{.Repository}}:{{.Tag}}")).split("\n").filter((name) => name.startsWith(images));
  await docker("image", "rm", ...left);
}, 120_000);

test("an update fetches the images of its version from the registry that is named, and one that the registry lacks changes nothing", {
  timeout: patienceMs,
}, async () => {
  await host.configure(`TRUSTY_VERSION=${baseVersion}`, `TRUSTY_IMAGES=${images}`);
  const updated = await host.script("update", "--pull", next);
  expect(updated, updated.output).toMatchObject({ code: 0, lastLine: `update: done: version ${next} runs` });
  const api = await host.one("api");
  expect((await host.inspect(api.id)).Config).toMatchObject({ Image: `${images}/origin:${next}`, Labels: { release: next } });
  expect(api.health).toBe("healthy");
  await docker("image", "inspect", `${images}/engine:${next}`);
  await docker("image", "inspect", `${images}/origin:${baseVersion}`); // the way back
  expect(await host.noted()).toContain(`TRUSTY_VERSION=${next}`);

  const missing = await host.script("update", "--pull", "nobody-made-this");
  expect(missing, missing.output).toMatchObject({
    code: 1,
    lastLine: "update: failed: no images (docker compose pull); nothing was changed",
  });
  expect((await host.one("api")).id).toBe(api.id);
  expect(await host.noted()).toContain(`TRUSTY_VERSION=${next}`);
});

function buildRegistry(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile("docker", ["build", "--quiet", "--tag", registryImage, "-"], (error) => (error ? reject(error) : resolve()));
    child.stdin?.end(`FROM debian:trixie-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends docker-registry && rm -rf /var/lib/apt/lists/*
RUN printf 'version: 0.1\\nstorage: { filesystem: { rootdirectory: /var/lib/docker-registry } }\\nhttp: { addr: 0.0.0.0:5000 }\\n' >/etc/registry.yml
CMD ["docker-registry", "serve", "/etc/registry.yml"]
`);
  });
}
