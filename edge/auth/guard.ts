import { Problem } from "#contract/problems.ts";
import type { Access } from "#contract/routes/shared.ts";
import type { Admitted, Question } from "../accounts/account-object.ts";
import type { Credential } from "../accounts/identify.ts";
import type { EdgeContext } from "../context.ts";
import type { Env } from "../env.ts";
import { accountAsker } from "../limits/ask-account.ts";
import { credentialReader } from "./credential.ts";

/** What a request asks for beyond its route. */
type Wanted = Pick<Question, "operations" | "upload">;

export type Guard = {
  /** Who says they call; refuses what cannot be true. */
  identify(c: EdgeContext): Promise<Credential>;
  /** Who calls, and what they may: the account's own answer. */
  admit(c: EdgeContext, credential: Credential, access: Access, wanted?: Wanted): Promise<Admitted>;
};

export function guard(env: Env): Guard {
  const read = credentialReader(env);
  const ask = accountAsker((account) => env.ACCOUNTS.getByName(account));
  return {
    async identify(c) {
      const credential = await read(c.req.header("authorization"), new Date());
      c.get("event").account = credential.account;
      return credential;
    },
    async admit(c, credential, access, wanted = {}) {
      const answer = await ask({ credential, access, address: c.get("address"), ...wanted });
      c.set("rates", answer.rates);
      if (answer.bypassed) {
        const { count, cause } = answer.bypassed;
        c.get("event").limiter_bypassed = count;
        console.error(JSON.stringify({ level: "error", message: "limiter bypassed", count, account: credential.account, cause }));
      }
      if ("refusal" in answer) {
        const { code, detail, ...options } = answer.refusal;
        throw new Problem(code, detail, options);
      }
      const { tier, subject, key } = answer.admitted.principal;
      Object.assign(c.get("event"), { tier, subject, key });
      return answer.admitted;
    },
  };
}
