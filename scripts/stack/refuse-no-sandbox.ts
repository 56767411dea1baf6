import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../checks/run-program.ts";
import { boxCommand } from "./box.ts";
import type { Places } from "./places.ts";
import { bubblewrap, socketFolder } from "./sandbox.ts";

/** Makes a box that ends at once, so that a machine on which none can be made says so before anything is started. */
export async function refuseNoSandbox({ root, sockets }: Pick<Places, "root" | "sockets">, program = ["/usr/bin/true"]): Promise<void> {
  if (!existsSync(bubblewrap)) return; // a box's own start says that it is missing
  const socketDir = join(sockets, "box-trial");
  const { command, args } = boxCommand({ repo: root, socketDir, lanes: ["light"], program });
  socketFolder(socketDir, "open");
  const { ok, output } = await runProgram([command, ...args], { cwd: root, withinMs: 20_000 });
  rmSync(socketDir, { recursive: true, force: true });
  if (!ok) throw new Error(`${said(output)}\n${advice}`);
}

const said = (output: string) =>
  `bubblewrap cannot make a sandbox here, and documents are opened in nothing else:\n  ${output.trim().replaceAll("\n", "\n  ")}`;

const advice = [
  "In a container: use the compose files instead (docs/docker.md), where the container is the sandbox; or start it with",
  "  --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt seccomp=unconfined",
  "On a machine: start as root, or allow user namespaces to others; on Ubuntu 24.04 and later by",
  "  sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
].join("\n");
