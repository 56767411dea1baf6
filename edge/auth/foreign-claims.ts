import type { JWTPayload } from "jose";
import { type Scope, scopes } from "#contract/scopes.ts";
import type { ForeignIssuer } from "../env.ts";
import type { Claimed } from "./verify-token.ts";

const subjectCharactersMax = 255;
/** An issuer's people are its own: without its name before theirs, it could speak as one of ours, of whom rights follow from membership. */
const subjectOf = (issuer: string, name: string) => `${issuer}#${name}`;

const isScope = (name: string): name is Scope => (scopes as readonly string[]).includes(name);

/** Names as a text (RFC 8693) or a list; undefined for anything else. */
function namesOf(claim: unknown): string[] | undefined {
  if (typeof claim === "string") return claim.split(" ").filter((name) => name !== "");
  if (Array.isArray(claim) && claim.every((name) => typeof name === "string")) return claim;
  return undefined;
}

/** What a token of a foreign issuer says, within what the issuer may say. A tier among its claims is nobody's business. */
export function foreignClaims(payload: JWTPayload, { issuer, accounts, claims, scopes: standard }: ForeignIssuer): Claimed {
  const name = payload[claims.subject];
  if (typeof name !== "string" || name === "") return { fault: `claim ${claims.subject}` };
  const subject = subjectOf(issuer, name);
  if (subject.length > subjectCharactersMax) return { fault: `claim ${claims.subject}` };
  const account = claims.account === undefined ? accounts[0] : payload[claims.account];
  if (typeof account !== "string" || !accounts.includes(account)) return { fault: "an account that is not the issuer's" };
  const claimed = payload[claims.scope];
  const names = claimed === undefined ? standard : namesOf(claimed);
  if (names === undefined) return { fault: `claim ${claims.scope}` };
  if (names.includes("admin")) return { fault: "the scope admin" };
  return { credential: { kind: "token", account, subject, scopes: names.filter(isScope), livemode: true } };
}
