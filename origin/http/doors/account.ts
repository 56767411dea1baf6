import type { Hono } from "hono";
import { describeAccount } from "../../accounts/describe-account.ts";
import { actorOf, type Env } from "../env.ts";

export type AccountDoorNeeds = Pick<Parameters<typeof describeAccount>[0], "db">;

export function accountDoors(app: Hono<Env>, { db }: AccountDoorNeeds): void {
  app.get("/v1/account", async (c) => c.json(await describeAccount({ db, now: new Date() }, actorOf(c).principal)));
}
