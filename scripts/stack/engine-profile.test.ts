// The filter of engines in containers, docker/engine.seccomp.json, beside that of the native sandbox.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { refused } from "./seccomp.ts";

const Profile = z.strictObject({
  defaultAction: z.literal("SCMP_ACT_ERRNO"),
  archMap: z.array(z.strictObject({ architecture: z.string(), subArchitectures: z.tuple([]) })),
  syscalls: z.array(
    z.strictObject({
      comment: z.string(),
      names: z.array(z.string()),
      action: z.enum(["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"]),
      errnoRet: z.int().optional(),
      args: z
        .array(z.strictObject({ index: z.int(), value: z.int(), valueTwo: z.int().optional(), op: z.string() }))
        .min(1)
        .optional(),
    }),
  ),
});
const { archMap, syscalls } = Profile.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, "../../docker/engine.seccomp.json"), "utf8")),
);
const allowed = syscalls.filter(({ action }) => action === "SCMP_ACT_ALLOW");
const rowsOf = (name: string) => allowed.filter(({ names }) => names.includes(name));

test("an engine in a container may nothing that the native sandbox refuses", () => {
  const always = Object.entries(refused).flatMap(([name, row]) => ("when" in row ? [] : [name]));
  expect(always.filter((name) => rowsOf(name).length > 0)).toEqual([]);
});

test("where the native sandbox looks at an argument, so does the filter of containers, at the same values", () => {
  const [clone] = rowsOf("clone").flatMap(({ args = [] }) => args);
  expect(clone).toMatchObject({ valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" });
  expect(refused.clone.when).toEqual({ argument: clone?.index, hasAny: clone?.value });
  const families = rowsOf("socket").map(({ args = [] }) => args.find(({ index, op }) => index === 0 && op === "SCMP_CMP_EQ")?.value);
  expect(refused.socket.when).toEqual({ argument: 0, isNone: [...new Set(families)] });
});

test("only the machine's own architecture, of the two that there are images for", () => {
  expect(archMap.map(({ architecture }) => architecture)).toEqual(["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"]);
});
