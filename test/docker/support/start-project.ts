// The images, built, and a compose project of its own, started. The images are kept.
import { setTimeout as sleep } from "node:timers/promises";
import { proveByConverting } from "#scripts/convert/prove.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { type Project, projectNamed } from "./project.ts";

const tag = "test";
const upWithinMs = 10 * 60_000;

export type StartedProject = { project: Project; down(): Promise<unknown> };

/** `environment` is given to Compose, and to whoever looks for the project in the variables of this process. */
export async function newProject(prefix: string, environment: Record<string, string>): Promise<StartedProject> {
  const port = await freePort();
  const name = `${prefix}-${port}`;
  Object.assign(process.env, { TRUSTY_DOCKER_PROJECT: name, TRUSTY_PORT: `${port}`, TRUSTY_VERSION: tag, ...environment });
  const project = projectNamed(name, port);
  return { project, down: () => project.compose("down", "--volumes", "--remove-orphans", "--timeout", "5") };
}

/** What the first conversion says; it is tried until it succeeds. */
export async function startProject(project: Project): Promise<string> {
  await project.compose("up", "--detach");
  const signal = AbortSignal.timeout(upWithinMs);
  const edge = await project.one("edge");
  for (;;) {
    try {
      const token = await project.exec(edge.id, ["node", "scripts/compose/dev-key.ts"]);
      return await proveByConverting({ address: project.address, token, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      await sleep(500);
    }
  }
}
