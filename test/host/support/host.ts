// A Docker host of its own: a compose project, and the scripts of docker/ at work on it.
import { execFile, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { localKey } from "#scripts/stack/local-key.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { projectNamed } from "#test/docker/support/project.ts";
import { temporaryFolder } from "#test/support/start-part.ts";

const run = promisify(execFile);
const folder = join(import.meta.dirname, "../../../docker");
/** Of the images that `npm run test:docker` builds. */
export const baseVersion = process.env.TRUSTY_VERSION || "latest";

export type Ended = { code: number; output: string; lastLine: string };
export type Host = Awaited<ReturnType<typeof openHost>>;
/** `settings` are docker/.env of this host; `environment` is what the shell has that its scripts are started from. */
export type Profile = { files: string[]; settings: Record<string, string>; environment: Record<string, string> };

const light: Profile = { files: ["compose.yaml", "compose.dev.yaml", "../test/host/light.yaml"], settings: {}, environment: {} };

export async function openHost(profileOf: (state: string, port: number) => Promise<Profile> = async () => light) {
  const [state, port] = [await temporaryFolder("host"), await freePort()];
  const { files, settings, environment } = await profileOf(state, port);
  const name = `host-${randomInt(1e9)}`;
  const envFile = join(state, "env");
  const lines = Object.entries({ ...settings, TRUSTY_VERSION: baseVersion }).map(([key, value]) => `${key}=${value}\n`);
  await writeFile(envFile, lines.join(""));
  const { TRUSTY_VERSION: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    ...environment,
    COMPOSE_FILE: files.join(":"),
    COMPOSE_PROJECT_NAME: name,
    COMPOSE_ENV_FILES: envFile,
    TRUSTY_PORT: `${port}`,
    ENGINES: "1",
  };
  const project = projectNamed(name, port);
  const compose = async (...args: string[]) =>
    (await run("docker", ["compose", ...args], { cwd: folder, env, maxBuffer: 64_000_000 })).stdout.trimEnd();

  const ended = (environment: NodeJS.ProcessEnv, scriptName: string, args: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      execFile(join(folder, scriptName), args, { env: environment, maxBuffer: 64_000_000 }, (error, stdout, stderr) => {
        const code = error ? Number(error.code ?? 1) : 0;
        resolve({ code, output: stdout + stderr, lastLine: stdout.trimEnd().split("\n").at(-1) ?? "" });
      });
    });
  const ofProject = Object.entries(env).filter(([variable]) => /^(COMPOSE_|TRUSTY_|DOCKER_|ENGINES$)/.test(variable));

  return {
    ...project,
    name,
    port,
    state,
    compose,
    /** Lines of docker/.env. */
    configure: (...lines: string[]) => writeFile(envFile, lines.map((line) => `${line}\n`).join("")),
    /** Runs docker/NAME to its end, whatever that is. */
    script: (scriptName: string, ...args: string[]) => ended(env, scriptName, args),
    /** The same with as little as cron and systemd give, and this. */
    fromCron: (more: NodeJS.ProcessEnv, scriptName: string, ...args: string[]) =>
      ended({ PATH: "/usr/bin:/bin", ...Object.fromEntries(ofProject), ...more }, scriptName, args),
    /** Starts docker/NAME and leaves it running; `log` is what it has said. */
    background(scriptName: string, more: NodeJS.ProcessEnv, ...args: string[]) {
      const child = spawn(join(folder, scriptName), args, { env: { ...env, ...more }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
      const lines: string[] = [];
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => lines.push(...text.trimEnd().split("\n")));
      const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
      return {
        log: lines,
        /** With its code, or none when it was killed. */
        exited,
        async stop(signal: NodeJS.Signals = "SIGTERM") {
          if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal);
          await exited;
        },
      };
    },
    /** The versions that run, by service: one each, when an update is over. */
    async versions(): Promise<Record<string, string[]>> {
      const found: Record<string, string[]> = {};
      for (const { id, service, status } of await project.containers()) {
        if (status !== "running" || !["api", "worker", "engine", "engine-light"].includes(service)) continue;
        found[service] = [...(found[service] ?? []), (await project.inspect(id)).Config.Image.split(":").at(-1)];
      }
      return found;
    },
    /** The first generation of control groups does not always freeze a busy container at once. */
    async pause(id: string) {
      for (const until = Date.now() + 60_000; ; await sleep(200))
        try {
          return await project.docker("pause", id);
        } catch (error) {
          if (Date.now() > until) throw error;
        }
    },
    count: async (service: string) => (await project.containersOf(service)).length,
    envFile,
    noted: async () => (await readFile(envFile, "utf8")).match(/^TRUSTY_VERSION=.*$/gm)?.join(),
    /** What `select` answers, one row on a line. */
    sql: async (query: string) =>
      project.exec((await project.one("postgres")).id, ["psql", "-U", "trusty", "-d", "trusty", "-qAtXc", query]),
    /** A key whose account is bounded by nothing that a test would reach. */
    async key(account: string): Promise<string> {
      while ((await project.one("api")).health !== "healthy") await sleep(500);
      const rate = { per_minute: 100_000, burst: 10_000 };
      const limits = { requests: rate, reads: rate, jobs: rate, jobs_queued_max: 10_000 };
      const origin = { originHost: await project.addressOf("api", "front"), originPort: 8788, edgeKey: await project.secret("edge_key") };
      return (await localKey(origin, { account, tier: "enterprise", minutes: 600, limits })).key;
    },
    async end() {
      await compose("down", "--volumes", "--remove-orphans", "--timeout", "3");
      await rm(state, { recursive: true, force: true });
      for (const kind of ["", ".autoscale"]) await rm(`/tmp/trustyconvert-${name}${kind}.lock`, { force: true });
    },
  };
}

/** An image of the base version, changed by these lines of a Dockerfile. */
export async function changedImage(name: "origin" | "engine", version: string, lines: string): Promise<void> {
  const child = execFile("docker", ["build", "--quiet", "--tag", `localhost/trustyconvert/${name}:${version}`, "-"]);
  child.stdin?.end(`FROM localhost/trustyconvert/${name}:${baseVersion}\n${lines}\n`);
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`the image ${name}:${version} was not built`);
}
