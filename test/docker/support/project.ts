// The compose project under test: its containers, and what runs in them.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");
const files = ["docker/compose.yaml", "docker/compose.dev.yaml"].flatMap((file) => ["-f", join(root, file)]);

/** `pid` is that of the first process, as this machine sees it. */
export type Container = {
  id: string;
  name: string;
  service: string;
  pid: number;
  status: string;
  health: string | undefined;
  restarts: number;
};

/** As the environment of `npm run test:docker` names it. */
export function runningProject() {
  const { TRUSTY_DOCKER_PROJECT: name, TRUSTY_PORT: port } = process.env;
  if (!name || !port) throw new Error("npm run test:docker starts the project and names it");
  return projectNamed(name, Number(port));
}

export function projectNamed(name: string, port: number) {
  const environment = { ...process.env, TRUSTY_PORT: `${port}` };
  const docker = async (...args: string[]): Promise<string> =>
    (await run("docker", args, { env: environment, maxBuffer: 64_000_000 })).stdout.trimEnd();
  const compose = (...args: string[]) => docker("compose", "-p", name, ...files, ...args);

  async function containers(): Promise<Container[]> {
    const ids = (await docker("ps", "-aq", "--no-trunc", "--filter", `label=com.docker.compose.project=${name}`)).split("\n");
    // What Docker prints; of those that went meanwhile it says that besides.
    const found = await docker("inspect", ...ids.filter(Boolean)).catch((error: { stdout: string; stderr: string }) => {
      if (/no such object/i.test(error.stderr)) return error.stdout;
      throw error;
    });
    const inspected = JSON.parse(found) as Inspected[];
    return inspected.map(({ Id, Name, State, Config, RestartCount }) => ({
      id: Id,
      name: Name.slice(1),
      service: Config.Labels["com.docker.compose.service"] ?? "",
      pid: State.Pid,
      status: State.Status,
      health: State.Health?.Status,
      restarts: RestartCount,
    }));
  }

  const containersOf = async (service: string) => (await containers()).filter((one) => one.service === service && one.status === "running");
  const one = async (service: string): Promise<Container> => {
    const [first] = await containersOf(service);
    if (!first) throw new Error(`no container of ${service} runs`);
    return first;
  };
  const exec = (id: string, command: readonly string[]) => docker("exec", id, ...command);
  const inspect = async (id: string) => JSON.parse(await docker("inspect", id))[0];

  return {
    name,
    address: `http://127.0.0.1:${port}`,
    docker,
    compose,
    containers,
    containersOf,
    one,
    exec,
    inspect,
    addressOf: async (service: string, network: string): Promise<string> =>
      (await inspect((await one(service)).id)).NetworkSettings.Networks[`${name}_${network}`].IPAddress,
    secret: async (file: string) => (await exec((await one("edge")).id, ["cat", `/run/secrets/${file}`])).trim(),
  };
}

export type Project = ReturnType<typeof projectNamed>;

type Inspected = {
  Id: string;
  Name: string;
  RestartCount: number;
  State: { Pid: number; Status: string; Health?: { Status: string } };
  Config: { Labels: Record<string, string> };
};
