// Secret options at rest: AES-256-GCM, bound to their job, under the key OPTIONS_KEY.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { secretOptions } from "#contract/operation.ts";
import { operationOf } from "#contract/operations.ts";
import type { StoredStep } from "../db/schema.ts";

const nonceBytes = 12;
const tagBytes = 16;

type Sealed = { steps: StoredStep[]; secrets: string | null };

/** Splits the secret options off the steps and encrypts them. */
export function sealSecrets(key: Buffer, jobId: string, steps: readonly StoredStep[]): Sealed {
  const hidden = steps.map(({ operation, options }) => {
    const names = secretOptions(operationOf(operation));
    return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
  });
  const open = steps.map(({ operation, options }, index) => ({
    operation,
    options: Object.fromEntries(Object.entries(options).filter(([name]) => !(name in (hidden[index] ?? {})))),
  }));
  if (hidden.every((options) => Object.keys(options).length === 0)) return { steps: open, secrets: null };
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(jobId));
  const text = Buffer.concat([cipher.update(JSON.stringify(hidden), "utf8"), cipher.final()]);
  return { steps: open, secrets: Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64") };
}

/** The steps with their secret options again. */
export function unsealSecrets(key: Buffer, jobId: string, { steps, secrets }: Sealed): StoredStep[] {
  if (secrets === null) return [...steps];
  const bytes = Buffer.from(secrets, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes)).setAAD(Buffer.from(jobId));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  const text = decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, "utf8") + decipher.final("utf8");
  const hidden: Record<string, unknown>[] = JSON.parse(text);
  return steps.map(({ operation, options }, index) => ({ operation, options: { ...options, ...hidden[index] } }));
}
