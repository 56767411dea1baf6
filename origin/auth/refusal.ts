// better-auth's refusals as ours. Which of its codes is which problem is decided here and nowhere else.
import { Problem, type ProblemCode } from "#contract/problems.ts";

const problemOf: Record<string, ProblemCode> = {
  INVALID_EMAIL_OR_PASSWORD: "sign-in-failed",
  EMAIL_NOT_VERIFIED: "email-unverified",
  email_not_verified: "email-unverified",
  EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION: "email-unverified",
  EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION: "email-unverified",
  "sign-up-closed": "sign-up-closed",
  signup_disabled: "sign-up-closed",
  UNAUTHORIZED: "session-missing",
  SESSION_EXPIRED: "session-missing",
  SESSION_NOT_FRESH: "session-missing",
  YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION: "role-missing",
  USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION: "role-missing",
};

/** Refusals that say nothing but that a role is too small. */
const roleRefusal = /^YOU_ARE_NOT_(ALLOWED|THE_RECIPIENT)/;

type Refused = { status: number; code: string | undefined; message: string | undefined; retryAfter: string | null };

export function refusal({ status, code, message, retryAfter }: Refused): Problem {
  if (status === 429) return new Problem("sign-in-throttled", undefined, { retryAfterSeconds: Math.max(1, Number(retryAfter) || 1) });
  if (status >= 500) return new Problem("internal", undefined, { cause: new Error(code ?? message ?? `better-auth answered ${status}`) });
  if (status === 404 && code === undefined) return new Problem("route-not-found");
  const known = code === undefined ? undefined : problemOf[code];
  if (known) return new Problem(known);
  if (code !== undefined && roleRefusal.test(code)) return new Problem("role-missing", message);
  if (status === 401) return new Problem("session-missing");
  return new Problem("auth-refused", detail(code, message));
}

/** better-auth's messages are written for its callers; codes are what clients can rely on. */
const detail = (code: string | undefined, message: string | undefined): string | undefined => {
  const said = [message, code && `(${code})`].filter(Boolean).join(" ");
  return said === "" ? undefined : said;
};
