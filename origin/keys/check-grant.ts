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

/** A key is used from nowhere that its maker may not be used from. An empty list is everywhere. */
export function checkAddresses(maker: string[], wanted: string[]): void {
  if (maker.length === 0 || (wanted.length > 0 && wanted.every((range) => maker.includes(range)))) return;
  throw new Problem("scope-missing", "Your key is for listed addresses only; so must be this one, and for none that are not on that list.");
}
