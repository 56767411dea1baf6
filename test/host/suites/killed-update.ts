// An update that is ended by `kill -9`, after each of four of its steps, leaves nothing that the next one does not mend.
import { execFileSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { baseVersion, type Host } from "../support/host.ts";

const timeout = 5 * 60_000;
const docker = execFileSync("sh", ["-c", "command -v docker"], { encoding: "utf8" }).trim();

/** Does what the script wants of Docker, and ends the script and all it has started once that was the last step. */
const deadly = `#!/bin/sh
${docker} "$@"
code=$?
case "$*" in $LAST_STEP) kill -9 0 ;; esac
exit $code
`;

export function killedUpdateSuite(hostNow: () => Host): void {
  test.each([
    ["api", "had made the new container", "compose up --no-deps*", "had let the ingress find it", "network connect*"],
    ["engine-light", "had started the new container", "start*", "had stopped the old one", "stop*"],
  ])(
    "of %s that is killed when it %s (%s), and again when it %s (%s): the third leaves one container, healthy and found",
    {
      timeout,
    },
    async (service, _made, first, _further, second) => {
      const host = hostNow();
      const folder = join(host.state, "deadly");
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "docker"), deadly, { mode: 0o755 });
      const before = await host.one(service);
      const reload = ["--reload", "--only", service, baseVersion];

      for (const step of [first, second]) {
        const killed = host.background("update", { PATH: `${folder}:${process.env.PATH}`, LAST_STEP: step }, ...reload);
        expect(await killed.exited, killed.log.join("\n")).toBe(null);
      }
      const last = await host.script("update", ...reload);
      expect(last, last.output).toMatchObject({ code: 0, lastLine: `update: done: version ${baseVersion} runs` });

      const [after, ...more] = (await host.containers()).filter((one) => one.service === service);
      expect(more).toEqual([]);
      expect(after).toMatchObject({ status: "running", health: "healthy" });
      expect(after?.id).not.toBe(before.id);
      if (service === "api") await expect(host.addressOf("api", "front")).resolves.toMatch(/^\d/);
      expect((await readdir(dirname(host.envFile))).filter((name) => name.includes("surplus"))).toEqual([]);
    },
  );
}
