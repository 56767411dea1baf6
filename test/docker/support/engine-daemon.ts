// The Docker engine's own daemon, ended and started anew.
import { execFileSync, spawn } from "node:child_process";
import { openSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Project } from "./project.ts";

const pidFile = "/var/run/docker.pid";
const endsWithinMs = 240_000;
const answersWithinMs = 120_000;
const restartMs = 2_000;

/** Why the daemon may not be restarted by a test: it is somebody's, and all that runs under it stops. */
export function whyNotRestarted(running: readonly string[], project: string): string | undefined {
  if (!process.env.CI) return "only where CI is set, because whatever else runs under the daemon stops";
  if (process.getuid?.() !== 0) return "it takes root";
  const others = running.filter((owner) => owner !== project);
  if (others.length > 0) return "other containers run under the daemon";
  try {
    return process.kill(daemonPid(), 0) ? undefined : "no daemon runs here";
  } catch {
    return "the daemon runs somewhere else";
  }
}

/** The projects whose containers run; an empty name for a container of none. */
export const projectsOfRunning = (): string[] =>
  execFileSync("docker", ["ps", "--format", '{{.Label "com.docker.compose.project"}}'], { encoding: "utf8" }).split("\n").slice(0, -1);

/** Ends the daemon as the machine's shutdown does, or as a crash does, and starts it as it was started. */
export async function restartDaemon(docker: Project["docker"], signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  const pid = daemonPid();
  const managed = isUnit(pid);
  const [program = "", ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  const environment = Object.fromEntries(
    readFileSync(`/proc/${pid}/environ`, "utf8")
      .split("\0")
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  const said = readlinkSync(`/proc/${pid}/fd/1`);
  const log = openSync(said.startsWith("/") ? said : "/dev/null", "a");
  const start = () => spawn(program, args, { env: environment, detached: true, stdio: ["ignore", log, log] });

  if (managed && signal === "SIGTERM") execFileSync("systemctl", ["restart", "docker"]);
  else process.kill(pid, signal);
  // Until nothing of it is left: a dead one whose parent has not noticed counts as a daemon that runs.
  for (const until = Date.now() + endsWithinMs; exists(pid); await sleep(200))
    if (Date.now() > until) throw new Error("the daemon does not end");
  let daemon = managed ? undefined : start();
  for (const until = Date.now() + answersWithinMs; ; await sleep(restartMs)) {
    // As its unit of systemd does: one that finds the last one's containerd still ending gives up.
    if (daemon && daemon.exitCode !== null) daemon = start();
    try {
      await docker("info");
      daemon?.unref();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}

const daemonPid = (): number => Number(readFileSync(pidFile, "utf8"));
const isUnit = (pid: number): boolean => /docker\.service/.test(readFileSync(`/proc/${pid}/cgroup`, "utf8"));
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
