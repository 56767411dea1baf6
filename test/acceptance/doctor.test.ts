import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import type { Row } from "#scripts/doctor/row.ts";
import { client } from "./support/client.ts";

const run = promisify(execFile);
const doctor = join(import.meta.dirname, "../../scripts/doctor.ts");

test("the doctor finds nothing wrong with a system that is well, and has tried an upload", async () => {
  const { token } = await client();
  const { stdout } = await run(process.execPath, [doctor, "--edge", inject("stack").address, "--json"], {
    env: { ...process.env, TRUSTY_KEY: token },
  });
  const rows: Row[] = JSON.parse(stdout);
  expect(rows.filter(({ verdict }) => verdict === "wrong")).toEqual([]);
  const well = rows.filter(({ verdict }) => verdict === "ok").map(({ check }) => check);
  expect(well).toEqual(expect.arrayContaining(["edge", "origin", "versions", "edge key", "bucket"]));
});

test("the doctor ends with 1 when something is wrong, and says what to do", async () => {
  const failed = await run(process.execPath, [doctor, "--edge", "http://127.0.0.1:9"]).catch(
    (error: { code: number; stdout: string }) => error,
  );
  expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/WRONG {2}edge .*no answer[\s\S]*→ .*wrangler/) });
});
