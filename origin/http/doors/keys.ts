import type { Hono } from "hono";
import { KeyId } from "#contract/ids.ts";
import { KeyRequest, KeyRoll } from "#contract/keys.ts";
import { parseRequest } from "#contract/parse.ts";
import type { AccountPush } from "../../accounts/push.ts";
import type { IssueToken } from "../../auth/issue-token.ts";
import type { IdempotencyNeeds } from "../../idempotency/idempotent.ts";
import { createKey } from "../../keys/create-key.ts";
import { createToken } from "../../keys/create-token.ts";
import { listKeys } from "../../keys/list-keys.ts";
import { revokeKey } from "../../keys/revoke-key.ts";
import { rollKey } from "../../keys/roll-key.ts";
import { answerOnce } from "../answer-once.ts";
import { actorOf, type Env } from "../env.ts";
import { jsonBody } from "../json-body.ts";

export type KeyDoorNeeds = IdempotencyNeeds & { push: Pick<AccountPush, "wake">; issueToken: IssueToken };

export function keyDoors(app: Hono<Env>, needs: KeyDoorNeeds): void {
  const { push } = needs;
  app.post("/v1/keys", (c) => {
    const actor = actorOf(c);
    const request = parseRequest(KeyRequest, jsonBody(c.get("body")));
    const afterwards = () => push.wake(actor.principal.account);
    return answerOnce(c, needs, request, async (db) => ({ status: 201, body: await createKey({ db }, actor, request), afterwards }));
  });
  app.get("/v1/keys", async (c) => c.json(await listKeys(needs, actorOf(c).principal)));
  app.delete("/v1/keys/:id", async (c) => {
    const actor = actorOf(c);
    const revoked = await revokeKey(needs, actor, parseRequest(KeyId, c.req.param("id")));
    await push.wake(actor.principal.account);
    return c.json(revoked);
  });
  app.post("/v1/keys/:id/roll", (c) => {
    const actor = actorOf(c);
    const id = parseRequest(KeyId, c.req.param("id"));
    const roll = parseRequest(KeyRoll, jsonBody(c.get("body")));
    const afterwards = () => push.wake(actor.principal.account);
    return answerOnce(c, needs, roll, async (db) => ({ status: 201, body: await rollKey({ db }, actor, id, roll), afterwards }));
  });
  app.post("/v1/tokens", async (c) => {
    // Signed before the transaction begins: the signing keys are read through another connection.
    const body = await createToken(needs, actorOf(c).principal);
    return answerOnce(c, needs, {}, async () => ({ status: 201, body }));
  });
}
