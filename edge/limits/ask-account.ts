// The one question to the account's object, and what holds when there is no answer (docs/decisions/0006-limiter.md).
import type { ProblemCode } from "#contract/problems.ts";
import type { Question, Verdict } from "../accounts/account-object.ts";
import type { Credential } from "../accounts/identify.ts";
import { recentlyAdmitted } from "./recently-admitted.ts";

type Account = { admit(question: Question): Promise<Verdict> };
/** `bypassed` when the object did not answer: how often this isolate has done without it, and why. */
export type Answer = Verdict & { bypassed?: { count: number; cause: string } };

const answerMs = 6_000;
const retryAfterSeconds = 5;
/** After these a credential has no right to be let through. */
const withdrawn: readonly string[] = ["key-invalid", "token-invalid", "account-suspended", "address-not-allowed"] satisfies ProblemCode[];

/** A credential at an address; two that differ in anything never share an entry. */
const callerOf = (credential: Credential, address: string) => JSON.stringify([credential, address]);

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

export function accountAsker(accountOf: (account: string) => Account, timeoutMs = answerMs) {
  const recent = recentlyAdmitted();
  let bypasses = 0;

  /** An object that was moved or restarted is there again at once, behind a new stub. A silent one gets no second chance. */
  async function answerOf(question: Question): Promise<Verdict> {
    const { account } = question.credential;
    const untilMs = Date.now() + timeoutMs;
    const first = await within(
      timeoutMs,
      accountOf(account)
        .admit(question)
        .then(
          (verdict) => ({ verdict }),
          (failure: unknown) => ({ failure }),
        ),
    );
    if ("verdict" in first) return first.verdict;
    return within(Math.max(1, untilMs - Date.now()), accountOf(account).admit(question));
  }

  return async (question: Question): Promise<Answer> => {
    const caller = callerOf(question.credential, question.address);
    try {
      const verdict = await answerOf(question);
      if ("admitted" in verdict) recent.remember(caller, verdict.admitted, Date.now());
      else if (withdrawn.includes(verdict.refusal.code)) recent.forget(caller);
      return verdict;
    } catch (failure) {
      const cause = `${failure}`;
      const admitted = recent.recall(caller, Date.now());
      const { scope } = question.access;
      if (!admitted) return { refusal: { code: "account-state-unavailable", retryAfterSeconds, cause } };
      if (scope !== "anybody" && !admitted.principal.scopes.includes(scope)) return { refusal: { code: "scope-missing", cause } };
      bypasses += 1;
      return { admitted, bypassed: { count: bypasses, cause } };
    }
  };
}
