// SIGNUP, for every way in: who may become a person here.
import { APIError } from "better-auth/api";
import type { Database } from "../db/database.ts";
import { isInvited, type SignUpRule } from "./home-account.ts";

export const signUpClosed = "sign-up-closed";

async function mayEnter(db: Database, rule: SignUpRule, email: string): Promise<boolean> {
  return rule === "open" || (rule === "invite" && (await isInvited(db, email)));
}

/** Before a person is made, whichever way they come. */
export async function personRule(db: Database, rule: SignUpRule, action: string, email: string | null | undefined) {
  if (action !== "create-user" || (await mayEnter(db, rule, email ?? ""))) return undefined;
  return { error: signUpClosed };
}

/** Before sign-up by e-mail looks whether the address is known, so that the answer cannot depend on it. */
export async function emailRule(db: Database, rule: SignUpRule, email: string): Promise<void> {
  if (!(await mayEnter(db, rule, email))) throw new APIError("FORBIDDEN", { code: signUpClosed });
}
