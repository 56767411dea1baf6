import type { MiddlewareHandler } from "hono";
import { Problem } from "#contract/problems.ts";
import { isPerson, scopesNow } from "../auth/scopes-now.ts";
import type { Database } from "../db/database.ts";
import { actorOf, type Env } from "./env.ts";

/** The edge has asked for the scope already; who operates the service is asked twice, and a person whether they still do: their token may be older. */
export const administratorsOnly =
  (db: Database): MiddlewareHandler<Env> =>
  async (c, next) => {
    const { account, subject, scopes, livemode, key } = actorOf(c).principal;
    const held = key === undefined && isPerson(subject) ? await scopesNow(db, subject, account) : scopes;
    if (!scopes.includes("admin") || !held.includes("admin") || !livemode)
      throw new Problem("scope-missing", "This needs the scope admin.");
    await next();
  };
