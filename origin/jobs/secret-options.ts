// Secret options at rest: split off their steps, and sealed for their job.
import { secretOptions } from "#contract/operation.ts";
import { operationOf } from "#contract/operations.ts";
import type { StoredStep } from "../db/schema.ts";
import { type SealingKey, seal, unseal } from "../seal.ts";

type Sealed = { steps: StoredStep[]; secrets: string | null };

/** Splits the secret options off the steps and encrypts them. */
export function sealSecrets(key: SealingKey, jobId: string, steps: readonly StoredStep[]): Sealed {
  const open = withoutSecrets(steps);
  const hidden = steps.map(({ options }, index) =>
    Object.fromEntries(Object.entries(options).filter(([name]) => !(name in (open[index]?.options ?? {})))),
  );
  if (hidden.every((options) => Object.keys(options).length === 0)) return { steps: open, secrets: null };
  return { steps: open, secrets: seal(key, jobId, JSON.stringify(hidden)) };
}

/** The steps with their secret options again. */
export function unsealSecrets(key: SealingKey, jobId: string, { steps, secrets }: Sealed): StoredStep[] {
  if (secrets === null) return [...steps];
  const hidden: Record<string, unknown>[] = JSON.parse(unseal(key, jobId, secrets));
  return steps.map(({ operation, options }, index) => ({ operation, options: { ...options, ...hidden[index] } }));
}

export function withoutSecrets(steps: readonly StoredStep[]): StoredStep[] {
  return steps.map(({ operation, options }) => {
    const names = secretOptions(operationOf(operation));
    return { operation, options: Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name))) };
  });
}
