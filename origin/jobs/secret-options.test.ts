import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { sealSecrets, unsealSecrets } from "./secret-options.ts";

const key = randomBytes(32);
const steps = [{ operation: "office.to-pdf", options: { quality: 90, password: "correct horse" } }];

test("a password is neither in the steps nor readable in what is stored", () => {
  const sealed = sealSecrets(key, "job_1", steps);
  expect(JSON.stringify(sealed)).not.toContain("correct horse");
  expect(sealed.steps).toEqual([{ operation: "office.to-pdf", options: { quality: 90 } }]);
  expect(unsealSecrets(key, "job_1", sealed)).toEqual(steps);
});

test("steps without secrets store none", () => {
  expect(sealSecrets(key, "job_1", [{ operation: "pdf.to-text", options: { layout: "reading" } }]).secrets).toBeNull();
});

test("one job's secrets do not open for another job, nor with another key, nor when they were changed", () => {
  const sealed = sealSecrets(key, "job_1", steps);
  const changed = {
    ...sealed,
    secrets: Buffer.from(sealed.secrets ?? "", "base64")
      .fill(0, 30, 31)
      .toString("base64"),
  };
  expect(() => unsealSecrets(key, "job_2", sealed)).toThrow();
  expect(() => unsealSecrets(randomBytes(32), "job_1", sealed)).toThrow();
  expect(() => unsealSecrets(key, "job_1", changed)).toThrow();
});
