import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { exec, pipe } from "./exec.ts";

const cwd = mkdtempSync(join(tmpdir(), "exec-"));
afterAll(() => rmSync(cwd, { recursive: true }));
const sh = (script: string) => ({ command: "/bin/sh", args: ["-c", script], cwd });

test("a program gets an environment made from nothing", async () => {
  const { stdout } = await exec({ command: "/usr/bin/env", args: [], cwd, env: { EXTRA: "1" } });
  const names = stdout
    .trim()
    .split("\n")
    .map((line) => line.split("=")[0]);
  expect(names.sort()).toEqual(["EXTRA", "HOME", "LANG", "LC_ALL", "PATH", "TMPDIR"]);
});
test("arguments are not read by a shell", async () => {
  expect((await exec({ command: "/bin/echo", args: ["$(id); *"], cwd })).stdout).toBe("$(id); *\n");
});

test("a grandchild that holds the pipe neither delays the end nor survives it", async () => {
  const begun = performance.now();
  const { code, stdout } = await exec(sh("sleep 30 & echo $!; exit 0"));
  expect(code).toBe(0);
  expect(performance.now() - begun).toBeLessThan(30_000); // the grandchild's own life
  const state = () => {
    try {
      return /\) (\S)/.exec(readFileSync(`/proc/${stdout.trim()}/stat`, "utf8"))?.[1];
    } catch {
      return "Z";
    }
  };
  await expect.poll(state).toBe("Z");
});

test("an abort kills the whole group", async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 50);
  const { signal } = await exec({ ...sh("sleep 30 & sleep 30; true"), signal: abort.signal });
  expect(signal).toBe("SIGKILL");
});

test("an abort that came before starts nothing", async () => {
  await expect(exec({ ...sh("echo x"), signal: AbortSignal.abort(new Error("too late")) })).rejects.toThrow("too late");
});

test("output above the cap is cut, and said to be", async () => {
  const { stdout, truncated } = await exec(sh("head -c 9000000 /dev/zero"));
  expect([stdout.length, truncated]).toEqual([8_000_000, true]);
});

test("processor time and file size have limits", async () => {
  const large = await exec({ ...sh(`exec head -c 5000 /dev/zero > ${join(cwd, "large")}`), limits: { fileBytes: 1_000 } });
  expect(large.code === 0 && large.signal === null).toBe(false);
  const { stdout } = await exec({ ...sh("ulimit -t; ulimit -c"), limits: { cpuSeconds: 7 } });
  expect(stdout).toBe("7\n0\n");
});

test("one program's output is another's input, and the end of one ends the other", async () => {
  const target = join(cwd, "piped");
  const ends = await pipe(sh("printf abc"), sh(`exec cat > ${target}`));
  expect([ends.from.code, ends.to.code, readFileSync(target, "utf8")]).toEqual([0, 0, "abc"]);
  const broken = await pipe(sh("exec cat /dev/zero"), sh("exit 3"));
  expect(broken.to.code).toBe(3);
  expect(broken.from.code).not.toBe(0);
});

test("a slow reader gets every byte of a writer that ended long before", async () => {
  const target = join(cwd, "slowly");
  const ends = await pipe(sh("head -c 60000 /dev/zero"), sh(`sleep 1.5; exec cat > ${target}`));
  expect([ends.from.code, ends.to.code, readFileSync(target).length]).toEqual([0, 0, 60_000]);
});

test("a program that does not exist is an error", async () => {
  await expect(exec({ command: "/no/such/program", args: [], cwd })).rejects.toThrow("ENOENT");
  const { code } = await exec({ command: "/no/such/program", args: [], cwd, limits: { cpuSeconds: 5 } });
  expect(code).not.toBe(0);
});
