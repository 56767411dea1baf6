import type { Principal } from "#contract/assertion.ts";
import { Problem } from "#contract/problems.ts";
import type { Scope } from "#contract/scopes.ts";

/** A key may do no more than who makes it, and test keys operate no service. */
export function checkGrant(
  { scopes, livemode }: Pick<Principal, "scopes" | "livemode">,
  wanted: { scopes: Scope[]; livemode: boolean },
): void {
  if (wanted.livemode && !livemode) throw new Problem("scope-missing", "A test credential makes test keys only.");
  const lacking = wanted.scopes.find((scope) => !scopes.includes(scope));
  if (lacking) throw new Problem("scope-missing", `Your credential lacks the scope ${lacking}, which the key is to have.`);
  if (!wanted.livemode && wanted.scopes.includes("admin")) throw new Problem("scope-missing", "A test key cannot have the scope admin.");
}
