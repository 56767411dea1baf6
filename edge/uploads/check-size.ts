import type { Principal } from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";
import { type TierLimits, testLimits } from "#contract/tiers.ts";

export type Allowance = { principal: Pick<Principal, "tier" | "livemode">; limits: Pick<TierLimits, "file_bytes_max"> };

/** The largest file that the credential may convert. */
export const fileBytesMax = ({ principal, limits }: Allowance): number =>
  principal.livemode ? limits.file_bytes_max : Math.min(limits.file_bytes_max, testLimits.file_bytes_max);

/** Refuses sizes that no job of this credential would take. */
export function checkSize(size: number, allowance: Allowance): void {
  if (size === 0) throw new Problem("file-empty");
  const max = fileBytesMax(allowance);
  if (size <= max) return;
  const { tier, livemode } = allowance.principal;
  if (!livemode) throw new Problem("test-limit", `The file has ${size} bytes; a test key takes at most ${max}.`);
  throw new Problem("file-too-large", `The file has ${size} bytes; the tier ${tier} takes at most ${max}.`);
}
