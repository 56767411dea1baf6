import { AccountSnapshot } from "#contract/accounts.ts";
import { ProblemBody } from "#contract/problems.ts";
import type { ToOrigin } from "../env.ts";
import { fetchFromOrigin } from "../fetch-from-origin.ts";

const timeoutMs = 4_000;

/** What the origin knows of an account; undefined when it knows none of that name. */
export async function fetchSnapshot(env: ToOrigin, account: string): Promise<AccountSnapshot | undefined> {
  const response = await fetchFromOrigin(env, { method: "GET", path: `/internal/accounts/${account}`, timeoutMs });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.status === 404 && ProblemBody.safeParse(body).data?.code === "account-not-found") return undefined;
  if (response.status !== 200) throw new Error(`the origin answered ${response.status}`);
  const snapshot = AccountSnapshot.parse(body);
  if (snapshot.account !== account) throw new Error("the origin answered about another account");
  return snapshot;
}
