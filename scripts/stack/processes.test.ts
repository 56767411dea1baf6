import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { isAlive, markOf, sessionOf } from "./processes.ts";

test("a process is known by its start, so another with its pid is not taken for it", async () => {
  const child = spawn("sleep", ["60"], { detached: true });
  await once(child, "spawn");
  const mark = markOf(child.pid ?? 0);
  if (!mark) throw new Error("the child has no entry in /proc");
  expect(isAlive(mark)).toBe(true);
  expect(sessionOf(mark)).toEqual([mark.pid]);
  const other = { ...mark, startedTicks: mark.startedTicks - 1 };
  expect(isAlive(other)).toBe(false);
  expect(sessionOf(other)).toEqual([]);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isAlive(mark)).toBe(false);
});

test("a child that outlived its parent is found through the session", async () => {
  const child = spawn("sh", ["-c", "sleep 60 & echo $!; read line"], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const grandchild = Number(said.toString());
  const mark = markOf(child.pid ?? 0);
  if (!mark) throw new Error("the child has no entry in /proc");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(sessionOf(mark)).toEqual([grandchild]);
  process.kill(grandchild, "SIGKILL");
});
