import { type Features, isOn } from "#contract/features.ts";
import type { JobRequest } from "#contract/jobs.ts";
import { operationOf } from "#contract/operations.ts";
import { Problem } from "#contract/problems.ts";

/** The rate policies that the operations of a request declare. */
export const ratePoliciesOf = ({ steps }: JobRequest): string[] =>
  steps.flatMap(({ operation }) => {
    const { ratePolicy } = operationOf(operation);
    return ratePolicy === undefined ? [] : [ratePolicy];
  });

/** Refuses operations that are switched off for the account. */
export function checkFeatures({ steps }: Pick<JobRequest, "steps">, features: Features): void {
  for (const { operation } of steps) {
    if (!isOn(features, `operation:${operation}`)) throw new Problem("feature-off", `${operation} is switched off for your account.`);
  }
}
