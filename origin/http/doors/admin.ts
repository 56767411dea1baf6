// For those who operate the service.
import type { Hono } from "hono";
import { AccountChange, NewAccount, TierChange } from "#contract/accounts.ts";
import { AccountId } from "#contract/ids.ts";
import { KeyRequest } from "#contract/keys.ts";
import { parseRequest } from "#contract/parse.ts";
import { AccountsQuery, AuditQuery } from "#contract/routes/admin.ts";
import { TierName } from "#contract/tiers.ts";
import { changeAccount } from "../../accounts/change-account.ts";
import { createAccount } from "../../accounts/create-account.ts";
import { getAccount } from "../../accounts/get-account.ts";
import { listAccounts } from "../../accounts/list-accounts.ts";
import type { AccountPush } from "../../accounts/push.ts";
import { listAudit } from "../../audit/list-audit.ts";
import type { IdempotencyNeeds } from "../../idempotency/idempotent.ts";
import { createKeyFor } from "../../keys/create-key.ts";
import { changeTier } from "../../tiers/change-tier.ts";
import { listTiers } from "../../tiers/list-tiers.ts";
import { answerOnce } from "../answer-once.ts";
import { actorOf, type Env } from "../env.ts";
import { jsonBody } from "../json-body.ts";

export type AdminDoorNeeds = IdempotencyNeeds & { push: Pick<AccountPush, "wake"> };

export function adminDoors(app: Hono<Env>, needs: AdminDoorNeeds): void {
  const { push } = needs;
  app.get("/v1/admin/accounts", async (c) => c.json(await listAccounts(needs, parseRequest(AccountsQuery, c.req.query()))));
  app.post("/v1/admin/accounts", (c) => {
    const actor = actorOf(c);
    const wanted = parseRequest(NewAccount, jsonBody(c.get("body")));
    const afterwards = () => push.wake();
    return answerOnce(c, needs, wanted, async (db) => ({ status: 201, body: await createAccount({ db }, actor, wanted), afterwards }));
  });
  app.get("/v1/admin/accounts/:id", async (c) => c.json(await getAccount(needs, parseRequest(AccountId, c.req.param("id")))));
  app.patch("/v1/admin/accounts/:id", async (c) => {
    const id = parseRequest(AccountId, c.req.param("id"));
    const changed = await changeAccount(needs, actorOf(c), id, parseRequest(AccountChange, jsonBody(c.get("body"))));
    await push.wake(id);
    return c.json(changed);
  });
  app.post("/v1/admin/accounts/:id/keys", (c) => {
    const actor = actorOf(c);
    const id = parseRequest(AccountId, c.req.param("id"));
    const request = parseRequest(KeyRequest, jsonBody(c.get("body")));
    const afterwards = () => push.wake(id);
    return answerOnce(c, needs, request, async (db) => ({ status: 201, body: await createKeyFor({ db }, actor, id, request), afterwards }));
  });

  app.get("/v1/admin/tiers", async (c) => c.json(await listTiers(needs)));
  app.patch("/v1/admin/tiers/:name", async (c) => {
    const name = parseRequest(TierName, c.req.param("name"));
    const changed = await changeTier(needs, actorOf(c), name, parseRequest(TierChange, jsonBody(c.get("body"))));
    void push.wake();
    return c.json(changed);
  });

  app.get("/v1/admin/audit", async (c) => c.json(await listAudit(needs, parseRequest(AuditQuery, c.req.query()))));
}
