import type { Hono } from "hono";
import { stream } from "hono/streaming";
import { AccountDeletion } from "#contract/account-data.ts";
import { AccountId } from "#contract/ids.ts";
import { parseRequest } from "#contract/parse.ts";
import { Problem } from "#contract/problems.ts";
import type { AccountPush } from "../../accounts/push.ts";
import { requireConfirmation, requireOwner } from "../../auth/account-owner.ts";
import type { Auth } from "../../auth/auth.ts";
import { type DeletionNeeds, deleteAccount, type EndingNeeds } from "../../auth/delete-account.ts";
import { exportAccount } from "../../auth/export-account.ts";
import { actorOf, type Env } from "../env.ts";
import { jsonBody } from "../json-body.ts";

export type AccountDataDoorNeeds = Pick<DeletionNeeds, "db" | "objects"> &
  EndingNeeds & {
    auth: Pick<Auth, "passwords" | "mayConfirm" | "forgetSessions">;
    push: Pick<AccountPush, "wake">;
  };

const ByAdministrator = AccountDeletion.omit({ password: true });

export function accountDataDoors(app: Hono<Env>, { db, objects, auth, push, jobEnded }: AccountDataDoorNeeds): void {
  const needs = { db, objects, jobEnded, forgetSessions: auth.forgetSessions };
  const confirmation = { db, verifyPassword: auth.passwords.verify, mayConfirm: auth.mayConfirm };
  const gone = async (account: string, receipt: Promise<object>) => Response.json(await receipt.finally(() => push.wake(account)));

  app.get("/v1/account/export", async (c) => {
    const pieces = await exportAccount({ db, now: new Date() }, actorOf(c).principal);
    c.header("content-type", "application/json");
    c.header("content-disposition", 'attachment; filename="account.json"');
    return stream(c, async (out) => {
      for await (const piece of pieces) await out.write(piece);
    });
  });
  app.delete("/v1/account", async (c) => {
    const actor = actorOf(c);
    const wanted = parseRequest(AccountDeletion, jsonBody(c.get("body")));
    await requireOwner(db, actor.principal);
    await requireConfirmation(confirmation, actor.principal, wanted);
    return gone(actor.principal.account, deleteAccount(needs, actor, actor.principal.account));
  });
  app.delete("/v1/admin/accounts/:id", async (c) => {
    const actor = actorOf(c);
    const id = parseRequest(AccountId, c.req.param("id"));
    const { confirm } = parseRequest(ByAdministrator, jsonBody(c.get("body")));
    if (confirm !== id) throw new Problem("deletion-unconfirmed", "`confirm` must be the id of the account.");
    return gone(id, deleteAccount(needs, actor, id));
  });
}
