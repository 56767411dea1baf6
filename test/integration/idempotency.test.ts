// An Idempotency-Key makes a request happen once, whatever dies, on both databases.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Job } from "#contract/jobs.ts";
import { accounts, idempotentAnswers, jobs } from "#origin/db/schema.ts";
import { forgetAnswers, idempotent, type Repeatable } from "#origin/idempotency/idempotent.ts";
import { reconcile } from "#origin/usage/reconcile.ts";
import { type Api, startApis } from "./support/api-process.ts";
import { type BookKind, type Books, bookKinds, drawn, openBooks, optionsKey, orderOf, principalOf } from "./support/books.ts";

const newKey = () => randomBytes(8).toString("hex");

describe.each(bookKinds)("idempotency on %s", (kind: BookKind) => {
  let books: Books;
  let request: Repeatable;
  let effects = 0;
  const ask = (changes: Partial<Repeatable> = {}, effect?: () => Promise<never>) =>
    idempotent({ db: books.db, optionsKey }, { ...request, ...changes }, effect ?? (async () => ({ status: 201, body: { n: ++effects } })));

  beforeAll(async () => {
    books = await openBooks(kind);
  });
  afterAll(() => books.stop());
  beforeEach(() => {
    effects = 0;
    request = { principal: principalOf(`a${newKey()}`), method: "POST", route: "/v1/keys", key: newKey(), payload: { name: "ours" } };
  });

  test("a repeat gets the first status and body, and nothing happens again", async () => {
    expect(await ask()).toEqual({ status: 201, body: { n: 1 }, replayed: false });
    expect(await ask()).toEqual({ status: 201, body: { n: 1 }, replayed: true });
    expect(effects).toBe(1);
  });

  test("repeats at once happen once", async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask()));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body)))).toEqual(new Set(['{"n":1}']));
  });

  test("the order of the payload's fields makes no difference, its content does", async () => {
    await ask({ payload: { name: "ours", scopes: ["jobs:read"] } });
    expect(await ask({ payload: { scopes: ["jobs:read"], name: "ours" } })).toMatchObject({ replayed: true });
    await expect(ask({ payload: { name: "theirs", scopes: ["jobs:read"] } })).rejects.toMatchObject({ code: "idempotency-mismatch" });
  });

  test("another account, mode, method or route has keys of its own", async () => {
    await ask();
    const others: Partial<Repeatable>[] = [
      { principal: principalOf(`a${newKey()}`) },
      { principal: { ...request.principal, livemode: false } },
      { method: "PUT" },
      { route: "/v1/jobs" },
      { key: undefined },
      { key: undefined },
    ];
    for (const other of others) expect(await ask(other)).toMatchObject({ replayed: false });
    expect(effects).toBe(7);
  });

  test("a refusal is not kept, and what it had done is undone", async () => {
    const refuse = async () => {
      throw new Error("refused");
    };
    await expect(ask({}, refuse)).rejects.toThrow("refused");
    expect(await ask()).toMatchObject({ body: { n: 1 }, replayed: false });
  });

  test("what follows the effect happens after its commit, and not for repeats", async () => {
    const seen: unknown[] = [];
    const effect = async () => ({
      status: 201,
      body: {},
      afterwards: () =>
        void seen.push(
          books.db
            .select()
            .from(idempotentAnswers)
            .where(eq(idempotentAnswers.key, request.key ?? "")),
        ),
    });
    const asked = () => idempotent({ db: books.db, optionsKey }, request, effect);
    await asked();
    await asked();
    expect(seen).toHaveLength(1);
    expect(await seen[0]).toMatchObject([{ status: 201 }]);
  });

  test("an answer at rest cannot be read, nor used for another key", async () => {
    const secret = async () => ({ status: 201, body: { key: "tc_live_very_secret" } });
    await idempotent({ db: books.db, optionsKey }, request, secret);
    const mine = eq(idempotentAnswers.key, request.key ?? "");
    const [row] = await books.db.select().from(idempotentAnswers).where(mine);
    expect(Buffer.from(row?.answer ?? "", "base64").toString("latin1")).not.toContain("tc_live");
    await books.db.update(idempotentAnswers).set({ key: "moved" }).where(mine);
    await expect(ask({ key: "moved" })).rejects.toThrow();
  });

  test("a day later the key is forgotten, also before it was deleted", async () => {
    await ask();
    const mine = eq(idempotentAnswers.account, request.principal.account);
    const age = () => books.db.update(idempotentAnswers).set({ createdAt: sql`now() - interval '24 hours 1 second'` }).where(mine);
    await age();
    expect(await ask({ payload: "another" })).toMatchObject({ body: { n: 2 }, replayed: false });
    await forgetAnswers(books.db);
    expect(await books.db.select().from(idempotentAnswers).where(mine)).toHaveLength(1);
    await age();
    await forgetAnswers(books.db);
    expect(await books.db.select().from(idempotentAnswers).where(mine)).toEqual([]);
  });
});

describe("a repeat while another process is at the first request", () => {
  let books: Books;
  beforeAll(async () => {
    books = await openBooks("PostgreSQL");
  });
  afterAll(() => books.stop());

  test("is told that it is under way, and gets the answer later", async () => {
    const principal = principalOf("acme");
    const request: Repeatable = { principal, method: "POST", route: "/v1/jobs", key: newKey(), payload: 1 };
    const row = { account: "acme", livemode: true, method: "POST", route: "/v1/jobs", key: request.key ?? "", fingerprint: "", answer: "" };
    const asked = () => idempotent({ db: books.db, optionsKey }, request, async () => ({ status: 201, body: 1 }));
    const undo = new Error("the other one ends without an answer");
    const other = books.db.transaction(async (tx) => {
      await tx.insert(idempotentAnswers).values({ ...row, status: 0 });
      await expect(asked()).rejects.toMatchObject({ code: "idempotency-in-flight", retryAfterSeconds: 1 });
      throw undo;
    });
    await expect(other).rejects.toBe(undo);
    expect(await asked()).toMatchObject({ status: 201, replayed: false });
  });
});

describe("200 repeats of one POST /v1/jobs, with a kill -9 of the origin", () => {
  let books: Books;
  let stop: () => Promise<void>;
  let api: Api;
  beforeAll(async () => {
    books = await openBooks("PostgreSQL");
    const started = await startApis(books.url ?? "", 1);
    stop = started.stop;
    [api] = started.apis as [Api];
  });
  afterAll(async () => {
    await stop?.();
    await books?.stop();
  });

  /** As the edge sends it: every repeat with a job id of its own. */
  const order = (account: string, key: string, upload: string) =>
    api.call(principalOf(account), "POST", "/v1/jobs", orderOf(account, { upload }), { headers: { "idempotency-key": `"${key}"` } });

  const onlyJob = async (account: string) => {
    const [job, ...more] = await books.db.select().from(jobs).where(eq(jobs.account, account));
    expect(more).toEqual([]);
    expect(await books.period(account)).toMatchObject({ conversionsReserved: 1, conversionsUsed: 0, inputBytesReserved: 1_000 });
    expect((await reconcile(books.db, { repair: false })).differences).toEqual([]);
    return job?.id;
  };

  test.each([
    ["before the first answer", 0],
    ["in the middle", 100],
  ])("%s: exactly one job", async (_when, killAfter) => {
    const [account, key, upload] = [await books.account(), newKey(), drawn("upl")];
    const ids = new Set<string>();
    let answered = 0;
    let lost = 0;
    let restarted: Promise<void> | undefined;
    const restart = async () => {
      await api.kill();
      await api.start();
    };
    async function untilAnswered(): Promise<void> {
      for (;;) {
        if (answered >= killAfter) restarted ??= sleep(killAfter === 0 ? 8 : 0).then(restart);
        const response = await order(account, key, upload).catch(() => undefined);
        if (response?.status === 202) {
          ids.add(((await response.json()) as Job).id);
          answered++;
          return;
        }
        lost++;
        await sleep(50);
      }
    }
    const left = Array.from({ length: 200 }).values();
    const clients = Array.from({ length: 20 }, async () => {
      for (const _ of left) await untilAnswered();
    });
    await Promise.all(clients);
    await restarted;
    expect(answered).toBe(200);
    expect(lost).toBeGreaterThan(0);
    expect([...ids]).toEqual([await onlyJob(account)]);
  });

  test("between its effect and its answer: neither is there, and the repeat is the first", async () => {
    const [account, key, upload] = [await books.account(), newKey(), drawn("upl")];
    await books.db.transaction(async (tx) => {
      await tx.select().from(accounts).where(eq(accounts.id, account)).for("update");
      const cut = order(account, key, upload).catch(() => "cut");
      const waiting = sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%"accounts"%'`;
      while (((await books.db.execute(waiting)) as unknown as { rows: unknown[] }).rows.length === 0) await sleep(10);
      await api.kill();
      expect(await cut).toBe("cut");
    });
    expect(await books.db.select().from(jobs).where(eq(jobs.account, account))).toEqual([]);
    await api.start();
    const [first, second] = [await order(account, key, upload), await order(account, key, upload)];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect([first, second].map(({ headers }) => headers.get("idempotent-replayed"))).toEqual([null, "true"]);
    expect(await second.json()).toEqual(await first.json());
    await onlyJob(account);
  });

  test("a replay without the upload gets the first answer, and what was never asked is not found", async () => {
    const [account, key, upload] = [await books.account(), newKey(), drawn("upl")];
    const first = await (await order(account, key, upload)).json();
    const replay = (body: object, header = key) =>
      api.call(principalOf(account), "POST", "/v1/jobs/replay", body, { headers: { "idempotency-key": header } });
    const asked = { inputs: [{ upload }], steps: [{ operation: "pdf.to-text" }] };
    const again = await replay(asked);
    expect([again.status, again.headers.get("idempotent-replayed"), await again.json()]).toEqual([202, "true", first]);
    const refusals = [
      await replay(asked, newKey()),
      await replay({ ...asked, steps: [{ operation: "pdf.to-images" }] }),
      await replay(asked, "a key with spaces"),
    ];
    expect(await Promise.all(refusals.map(async (each) => ((await each.json()) as { code: string }).code))).toEqual([
      "upload-not-found",
      "idempotency-mismatch",
      "idempotency-key-invalid",
    ]);
  });
});
