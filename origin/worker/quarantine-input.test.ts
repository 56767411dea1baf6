import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { quarantineInput } from "./quarantine-input.ts";
import type { Run, Tools } from "./run.ts";

const bytes = Buffer.from("what ends boxes");
const sha256 = createHash("sha256").update(bytes).digest("hex");

function given(input: object) {
  const kept: (string | undefined)[] = [];
  let reads = 0;
  const tools = {
    objects: {
      read: async () => {
        reads += 1;
        return Readable.from([bytes.subarray(0, 4), bytes.subarray(4)]);
      },
    },
    quarantine: { put: async ({ input: { found_sha256 } }: Run) => void kept.push(found_sha256) },
  } as unknown as Tools; // only these are called
  const run = { input: { key: "acme/upl_1", etag: '"e"', ...input }, signal: AbortSignal.timeout(5_000) } as Run; // only these are read
  return { run, tools, kept, reads: () => reads };
}

test("a file that ended the box before all of it was seen is quarantined by the digest of all of it, whatever was announced", async () => {
  const { run, tools, kept } = given({ sha256: "announced" });
  await quarantineInput(run, tools);
  expect(kept).toEqual([sha256]);
  expect(run.input.found_sha256).toBe(sha256);
});

test("a file whose digest is known is not read again", async () => {
  const { run, tools, kept, reads } = given({ found_sha256: "found" });
  await quarantineInput(run, tools);
  expect([kept, reads()]).toEqual([["found"], 0]);
});
