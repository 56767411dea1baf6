// Where an update has its images from: built here, or a registry of this machine's own, on loopback.
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { changedImage, type Host } from "../support/host.ts";

const run = promisify(execFile);
const timeout = 15 * 60_000;
const [pulled, built, unbuilt] = ["host-test-pulled", "host-test-built", "host-test-unbuilt"];
const registryImage = "localhost/trustyconvert/test-registry";

const docker = async (...args: string[]) => (await run("docker", args, { maxBuffer: 64_000_000 })).stdout.trimEnd();

export function imagesSuite(hostNow: () => Host): void {
  let registry: string;
  let images: string;
  beforeAll(async () => {
    await hostNow().compose("rm", "--stop", "--force", "engine-light"); // an image in the registry is only called an engine
    await buildRegistry();
    registry = await docker("run", "--detach", "--rm", "--publish", "127.0.0.1::5000", registryImage);
    const address = (await docker("port", registry, "5000/tcp")).split("\n")[0];
    while (!(await fetch(`http://${address}/v2/`).catch(() => undefined))?.ok) await sleep(200);
    images = `${address}/acme`;
    await changedImage("origin", pulled, `LABEL release=${pulled}`);
    // No office engine runs here, and LibreOffice would take a minute to push: under the engine's name is the other image.
    for (const name of ["origin", "engine"]) {
      await docker("tag", `localhost/trustyconvert/origin:${pulled}`, `${images}/${name}:${pulled}`);
      await docker("push", "--quiet", `${images}/${name}:${pulled}`);
      await docker("image", "rm", `${images}/${name}:${pulled}`);
    }
    await docker("image", "rm", `localhost/trustyconvert/origin:${pulled}`);
  }, timeout);
  afterAll(async () => {
    await hostNow().compose("rm", "--stop", "--force", "api"); // which has one of these images
    await docker("rm", "--force", registry);
    const ours = new RegExp(`^(${images}/|localhost/trustyconvert/[a-z]+:(${built}|${unbuilt})$)`);
    const all = (await docker("images", "--format", "{{.Repository}}:{{.Tag}}")).split("\n");
    await docker("image", "rm", ...all.filter((name) => ours.test(name)));
  }, 120_000);

  /** What may not have changed. */
  const state = async () => ({ api: (await hostNow().one("api")).id, noted: await hostNow().noted() });

  test("an update builds the images of its version, and one that cannot be built changes nothing", { timeout }, async () => {
    const host = hostNow();
    const before = await state();
    const failed = await host.fromCron({ FONTS: "fonts-nobody-made" }, "update", "--build", unbuilt);
    expect(failed, failed.output).toMatchObject({
      code: 1,
      lastLine: "update: failed: no images (docker compose build); nothing was changed",
    });
    expect(await state()).toEqual(before);

    const updated = await host.script("update", "--build", built);
    expect(updated, updated.output).toMatchObject({ code: 0, lastLine: `update: done: version ${built} runs` });
    const { id, health } = await host.one("api");
    expect([health, (await host.inspect(id)).Config.Image]).toEqual(["healthy", `localhost/trustyconvert/origin:${built}`]);
    expect(await host.noted()).toBe(`TRUSTY_VERSION=${built}`);
    const again = await host.script("update", "--build", built);
    expect(again.lastLine, again.output).toBe(
      `update: failed: ${built} is what runs; name another version, so that this one can come back`,
    );
  });

  test("an update fetches the images of its version from the registry that is named, and one that the registry lacks changes nothing", {
    timeout,
  }, async () => {
    const host = hostNow();
    await host.configure(`TRUSTY_VERSION=${built}`, `TRUSTY_IMAGES=${images}`);
    const updated = await host.script("update", "--pull", pulled);
    expect(updated, updated.output).toMatchObject({ code: 0, lastLine: `update: done: version ${pulled} runs` });
    const api = await host.one("api");
    expect((await host.inspect(api.id)).Config).toMatchObject({ Image: `${images}/origin:${pulled}`, Labels: { release: pulled } });
    expect(api.health).toBe("healthy");
    await docker("image", "inspect", `${images}/engine:${pulled}`);
    await docker("image", "inspect", `${images}/origin:${built}`); // the way back

    const before = await state();
    const missing = await host.script("update", "--pull", "nobody-made-this");
    expect(missing, missing.output).toMatchObject({
      code: 1,
      lastLine: "update: failed: no images (docker compose pull); nothing was changed",
    });
    expect(await state()).toEqual(before);
    expect(before.noted).toBe(`TRUSTY_VERSION=${pulled}`);
  });

  test("a version that runs from one registry gets the name of another, once, and nothing is fetched for it", { timeout }, async () => {
    const host = hostNow();
    const elsewhere = `${images}/moved`;
    await host.configure(`TRUSTY_VERSION=${pulled}`, `TRUSTY_IMAGES=${elsewhere}`);
    const renamed = await host.script("update", pulled);
    expect(renamed, renamed.output).toMatchObject({ code: 0, lastLine: `update: done: version ${pulled} runs` });
    const before = await state();
    expect((await host.inspect(before.api)).Config.Image).toBe(`${elsewhere}/origin:${pulled}`);
    const again = await host.script("update", pulled);
    expect(again, again.output).toMatchObject({ code: 0 });
    expect(await state()).toEqual(before);
  });
}

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
