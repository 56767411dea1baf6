// Bare UnoServers: the engine box's Python wrapper and profile, and nothing around them.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { start } from "#origin/engine/exec.ts";
import type { OfficeJob } from "#origin/engine/office/driver.ts";
import { freshProfile, officeEnvironment } from "#origin/engine/office/profile.ts";
import { warmUpJobs } from "#origin/engine/office/warm-up.ts";
import { callXmlRpc } from "#origin/engine/office/xml-rpc.ts";
import { freePort } from "#scripts/stack/ports.ts";
import type { BenchDocument } from "./documents.ts";

export type BareUnoServer = {
  pid: number;
  /** The path of the last result. */
  output: string;
  /** Milliseconds; undefined when LibreOffice did not convert it. */
  convert(document: Pick<BenchDocument, "path" | "request">): Promise<number | undefined>;
  stop(): void;
};

const Answer = z.object({ outcome: z.string() });
const wrapper = join(import.meta.dirname, "../../origin/engine/office/unoserver_hidden.py");
const startMs = 60_000;
const convertMs = 120_000;

export async function startBareUnoServer({ python, folder }: { python: string; folder: string }): Promise<BareUnoServer> {
  const profile = await freshProfile(folder);
  const port = await freePort();
  const running = start({
    command: python,
    args: [wrapper, "--port", `${port}`, "--uno-port", `${await freePort()}`, "--quiet", "--user-installation", profile.userInstallation],
    cwd: profile.root,
    env: officeEnvironment(profile),
  });
  running.stdin.end();
  running.stdout.resume();
  running.stderr.resume();
  const output = join(folder, "output.pdf");
  const call = async (job: OfficeJob, signal: AbortSignal): Promise<string> => {
    const params = [job.input, null, job.output, null, null, [JSON.stringify(job)], false, null, null];
    return Answer.parse(JSON.parse(await callXmlRpc(port, "convert", params, signal))).outcome;
  };
  const server: BareUnoServer = {
    pid: running.pid,
    output,
    async convert({ path, request }) {
      const startedAt = performance.now();
      const outcome = await call({ ...request, input: path, output }, AbortSignal.timeout(convertMs));
      return outcome === "converted" ? performance.now() - startedAt : undefined;
    },
    stop: running.kill,
  };
  try {
    const signal = AbortSignal.timeout(startMs);
    while (!(await answers(port, signal))) {
      signal.throwIfAborted();
      await sleep(50);
    }
    for (const job of await warmUpJobs(profile.root)) await call(job, signal);
  } catch (cause) {
    server.stop();
    throw new Error("a bare UnoServer did not start", { cause });
  }
  return server;
}

const answers = (port: number, signal: AbortSignal): Promise<boolean> =>
  callXmlRpc(port, "system.methodHelp", ["convert"], signal).then(
    () => true,
    () => false,
  );
