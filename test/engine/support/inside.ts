import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { boxCommand } from "#scripts/stack/box.ts";
import { socketFolder } from "#scripts/stack/sandbox.ts";

const repo = resolve(import.meta.dirname, "../../..");

/** Runs a Python script where the box's own program would run: what it cannot do, a box that was taken over cannot do. */
export async function inside(script: string, { workspaceBytes = 20_000_000 } = {}): Promise<unknown> {
  const socketDir = mkdtempSync(join(tmpdir(), "box-inside-"));
  const program = ["/usr/bin/python3", "-c", `import json, os, sys\n${script}\nprint(json.dumps(answer))`];
  const { command, args, env } = boxCommand({ repo, socketDir, lanes: ["light"], workspaceBytes, program });
  socketFolder(socketDir, "open");
  try {
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let [out, log] = ["", ""];
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (log += chunk));
    const code = await new Promise((closed) => child.once("close", closed));
    if (code !== 0) throw new Error(`the script in the box ended with ${code}:\n${log}`);
    return JSON.parse(out);
  } finally {
    rmSync(socketDir, { recursive: true, force: true });
  }
}
