// The doors of accounts, keys and administration on a real database, and an edge that is pushed to.
import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import type { NewAccount } from "#contract/accounts.ts";
import type { NewApiKey } from "#contract/keys.ts";
import type { ProblemBody } from "#contract/problems.ts";
import { accountPush } from "#origin/accounts/push.ts";
import { sendSnapshot } from "#origin/accounts/send-snapshot.ts";
import { openDatabase } from "#origin/db/database.ts";
import { accounts, auditLog } from "#origin/db/schema.ts";
import { assertedApp } from "#origin/http/app.ts";
import { accountDoors } from "#origin/http/doors/account.ts";
import { adminDoors } from "#origin/http/doors/admin.ts";
import { internalDoors } from "#origin/http/doors/internal.ts";
import { keyDoors } from "#origin/http/doors/keys.ts";
import { tierDoors } from "#origin/http/doors/tiers.ts";
import { noteKeyUse } from "#origin/keys/note-key-use.ts";
import { openLog } from "#origin/log.ts";
import { administrator, asserted, principalOf } from "./assert.ts";
import { type DatabaseKind, databaseKinds, freshDatabase } from "./fresh-database.ts";
import { startPushedEdge } from "./pushed-edge.ts";

export { databaseKinds };
export type Accounts = Awaited<ReturnType<typeof openAccounts>>;

export async function openAccounts(kind: DatabaseKind) {
  const fresh = await freshDatabase(kind);
  const database = await openDatabase({ ...fresh, onError: () => {} });
  const { db } = database;
  const edgeKey = randomBytes(32).toString("base64");
  const edge = await startPushedEdge(edgeKey);
  const startPush = () => accountPush({ db, send: sendSnapshot({ edgeUrl: edge.url, edgeKey: Buffer.from(edgeKey) }), onError: () => {} });
  const push = startPush();

  const log = openLog(process.env.TEST_LOG_LEVEL ?? "silent", "test");
  const needs = { db, optionsKey: randomBytes(32), push };
  const unnoted: unknown[] = [];
  const appWith = (noted: typeof db) => {
    const app = assertedApp({
      db,
      log,
      health: async () => ({ status: "ok" }),
      edgeKeys: [Buffer.from(edgeKey)],
      noteKeyUse: noteKeyUse({ db: noted, onError: (error) => unnoted.push(error) }),
    });
    // What is signed is the issuer's matter; here a token is its claims.
    keyDoors(app, { ...needs, issueToken: async (claims) => ({ token: JSON.stringify(claims), expiresInSeconds: 600 }) });
    adminDoors(app, needs);
    accountDoors(app, needs);
    tierDoors(app, needs);
    internalDoors(app, needs);
    return asserted({ edgeKey, fetch: (request) => app.fetch(request) });
  };
  const call = appWith(db);

  return {
    db,
    edge,
    call,
    appWith,
    unnoted,
    startPush,
    /** A new account, and who calls for it. */
    async account(wanted: Partial<NewAccount> = {}) {
      const id = wanted.id ?? `a${randomBytes(6).toString("hex")}`;
      await answered(201, await call(administrator, "POST", "/v1/admin/accounts", { name: id, ...wanted, id }));
      return principalOf(id);
    },
    async key(principal = administrator, wanted: object = {}): Promise<NewApiKey> {
      return answered(201, await call(principal, "POST", "/v1/keys", { name: "ours", scopes: ["jobs:read"], ...wanted }));
    },
    auditOf: (account: string) => db.select().from(auditLog).where(eq(auditLog.account, account)).orderBy(auditLog.seq),
    async versionOf(account: string): Promise<number | undefined> {
      const [row] = await db.select({ version: accounts.version }).from(accounts).where(eq(accounts.id, account));
      return row?.version;
    },
    async close() {
      await push.stop();
      await edge.stop();
      await database.close();
      await fresh.stop();
    },
  };
}

/** The body of an answer that must be of this status. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes
export async function answered(status: number, response: Response): Promise<any> {
  const body = await response.json();
  if (response.status !== status) throw new Error(`${response.status} instead of ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** The problem that a refusal is. */
export async function refused(response: Response): Promise<ProblemBody> {
  if (response.ok) throw new Error(`not refused: ${response.status} ${await response.text()}`);
  return (await response.json()) as ProblemBody;
}
