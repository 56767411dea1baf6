// What an account holds, handed out and done away with: on a real database, and a real object store.
import { Readable } from "node:stream";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AccountDeletion, AccountExport, DeletionReceipt } from "#contract/account-data.ts";
import type { Principal } from "#contract/assertion.ts";
import type { jobStates } from "#contract/jobs.ts";
import { type Scope, scopes } from "#contract/scopes.ts";
import { deleteAccount, digestOf, finishDeletions } from "#origin/auth/delete-account.ts";
import { drawId } from "#origin/caller.ts";
import { accounts, apiKeys, auditLog, identities, jobs, ledger, members, sessions, users } from "#origin/db/schema.ts";
import { accountDataDoors } from "#origin/http/doors/account-data.ts";
import { r2 } from "#origin/storage/r2.ts";
import { book } from "#origin/usage/book.ts";
import { reconcile } from "#origin/usage/reconcile.ts";
import { startEdge } from "#test/edge/support/start-edge.ts";
import { type PeopleHouse, startPeopleHouse } from "./support/people-house.ts";
import { type Browser, newEmail, person, refused } from "./support/person.ts";

let store: Awaited<ReturnType<typeof startEdge>>;
beforeAll(async () => {
  store = await startEdge();
});
afterAll(() => store.stop());

const buckets = { uploads: "trustyconvert-uploads", results: "trustyconvert-results" };
const openStore = (names: typeof buckets) => {
  const { R2_ENDPOINT: endpoint, R2_ACCESS_KEY_ID: accessKeyId, R2_SECRET_ACCESS_KEY: secretAccessKey } = store.signing;
  return r2({ endpoint, accessKeyId, secretAccessKey, buckets: names });
};

describe.each(["PGlite", "PostgreSQL"] as const)("an account's data on %s", (kind) => {
  let house: PeopleHouse;
  let objects: ReturnType<typeof r2>;
  let uploadStore: ReturnType<typeof r2>;
  const counted: string[] = [];
  beforeAll(async () => {
    house = await startPeopleHouse({ kind });
    objects = openStore(buckets);
    // Only clients write uploads; here the results' writer does, into the other bucket.
    uploadStore = openStore({ uploads: buckets.results, results: buckets.uploads });
    const jobEnded = (state: string) => void counted.push(state);
    accountDataDoors(house.app, { db: house.db, objects, auth: house.auth, push: { wake: async () => {} }, jobEnded });
  });
  afterAll(async () => {
    await Promise.all([objects.close(), uploadStore.close()]);
    await house.stop();
  });

  const principalOf = async (browser: Browser): Promise<Principal> => {
    const { sub, account, scope } = await browser.claims();
    return { account, subject: sub, tier: "free", scopes: scope.split(" ") as Scope[], livemode: true };
  };
  const put = async (target: ReturnType<typeof r2>, key: string) => {
    const bytes = Buffer.from(`bytes of ${key}`);
    const object = {
      bucket: "results" as const,
      key,
      contentType: "text/plain",
      contentDisposition: "inline",
      sizeBytes: bytes.byteLength,
    };
    await target.write(object, Readable.from([bytes]), AbortSignal.timeout(60_000));
  };
  /** A job with its upload and, when it succeeded, its result and its line in the ledger. */
  async function addJob(account: string, state: (typeof jobStates)[number], livemode = true): Promise<string> {
    const id = drawId("job");
    const upload = drawId("upl");
    await put(uploadStore, `${account}/${upload}`);
    const input = { upload, key: `${account}/${upload}`, filename: "Gehälter.docx", size: 10, content_type: "text/plain", etag: "e" };
    const result = {
      filename: "Gehälter.pdf",
      content_type: "application/pdf",
      size: 20,
      sha256: "a".repeat(64),
      key: `${account}/${id}/1/0`,
    };
    const succeeded = state === "succeeded";
    if (succeeded) await put(objects, result.key);
    const period = livemode ? "2026-11" : null;
    await house.db.insert(jobs).values({
      id,
      account,
      subject: "somebody",
      livemode,
      period,
      tier: "free",
      state,
      lane: "office",
      runDeadlineMs: 60_000,
      inputs: [input],
      steps: [{ operation: "office.to-pdf", options: {} }],
      progress: { stage: "done", fraction: 1 } as never,
      results: succeeded ? [result as never] : [],
      pages: 2,
    });
    const amounts = { conversions: 1, inputBytes: 10, pages: 2, ocrPages: 0 };
    if (period !== null && succeeded) {
      await house.db.insert(ledger).values({ job: id, account, operation: "office.to-pdf", period, ...amounts });
      await book(house.db, { account, period }, { used: amounts });
    }
    if (period !== null && !succeeded && ["queued", "running"].includes(state))
      await book(house.db, { account, period }, { reserved: amounts });
    return id;
  }
  const addKey = async (account: string) =>
    house.db.insert(apiKeys).values({
      id: drawId("key"),
      account,
      digest: drawId("ath"),
      name: "CI",
      hint: "tc_live_…",
      livemode: true,
      scopes: ["jobs:read"],
      createdBy: "somebody",
    });
  /** An owner and a colleague, keys, and jobs of every kind. */
  async function company() {
    const owner = await person(house, newEmail("owner")).arrive();
    const colleague = await person(house, newEmail("colleague")).arrive();
    const principal = await principalOf(owner);
    const { sub } = await colleague.claims();
    await house.db.insert(members).values({ id: drawId("ath"), organizationId: principal.account, userId: sub, role: "member" });
    await addKey(principal.account);
    const ids = [
      await addJob(principal.account, "succeeded"),
      await addJob(principal.account, "failed"),
      await addJob(principal.account, "succeeded", false),
    ];
    return { owner, colleague, principal, account: principal.account, ids };
  }
  const listed = async (account: string) =>
    (await Promise.all((["uploads", "results"] as const).map((bucket) => objects.list({ bucket, prefix: `${account}/` })))).map(
      (keys) => keys.length,
    );
  const remove = (principal: Principal, body: AccountDeletion) => house.ask("DELETE", "/v1/account", { principal, body });

  test("an owner gets everything that is known, without secrets; nobody else does", async () => {
    const { owner, principal, account, ids } = await company();
    const response = await house.ask("GET", "/v1/account/export", { principal });
    expect(response.status).toBe(200);
    const text = await response.text();
    const data = AccountExport.parse(JSON.parse(text));
    expect(data.account).toMatchObject({ id: account, name: "Ann", tier: "free" });
    expect(data.people.map(({ email, roles }) => [email, roles])).toContainEqual([owner.email, ["owner"]]);
    expect(data.people).toHaveLength(2);
    expect(data.keys).toHaveLength(1);
    expect(data.jobs.map(({ id }) => id)).toEqual(ids);
    expect(data.jobs[0]?.inputs[0]?.filename).toBe("Gehälter.docx");
    expect(data.usage).toMatchObject([{ operation: "office.to-pdf", conversions: 1, pages: 2 }]);
    expect(text).not.toMatch(/digest|password|token|ath_/);

    const ask = (other: Partial<Principal>) => house.ask("GET", "/v1/account/export", { principal: { ...principal, ...other } });
    expect(await refused(await ask({ key: drawId("key"), subject: drawId("key") }))).toBe("role-missing");
    expect(await refused(await ask({ livemode: false }))).toBe("role-missing");
    const stranger = await person(house).arrive();
    expect(await refused(await ask({ subject: (await stranger.claims()).sub }))).toBe("role-missing");
    await house.db.update(members).set({ role: "admin" }).where(eq(members.userId, principal.subject));
    expect(await refused(await ask({}))).toBe("role-missing");
  });

  test("an account with no jobs exports too, and one with very many in one valid document", async () => {
    const ann = await person(house).arrive();
    const principal = await principalOf(ann);
    const read = async () => AccountExport.parse(await (await house.ask("GET", "/v1/account/export", { principal })).json());
    expect((await read()).jobs).toEqual([]);
    const [model] = await house.db
      .select()
      .from(jobs)
      .where(eq(jobs.id, await addJob(principal.account, "failed")));
    const { seq: _, ...values } = model ?? ({} as never);
    for (let n = 0; n < 3; n++) await house.db.insert(jobs).values(Array.from({ length: 400 }, () => ({ ...values, id: drawId("job") })));
    const { jobs: all } = await read();
    expect(new Set(all.map(({ id }) => id)).size).toBe(1_201);
    await house.db.delete(jobs).where(eq(jobs.account, principal.account));
  });

  test("a deleted account is gone with its files, jobs, keys and people; what is counted stays, without a name", async () => {
    const { owner, colleague, principal, account, ids } = await company();
    const queued = await addJob(account, "queued");
    expect(await listed(account)).toEqual([4, 2]);
    const neighbour = await company();

    const response = await remove(principal, { confirm: account, password: owner.password });
    const receipt = DeletionReceipt.parse(await response.json());
    expect(receipt.removed).toEqual({ uploads: 4, results: 2, jobs: 4, keys: 1, members: 2, people: 1, invitations: 0 });
    const { digest, ...rest } = receipt;
    expect(digestOf(rest)).toBe(digest);

    expect(await listed(account)).toEqual([0, 0]);
    expect(await house.db.select().from(jobs).where(eq(jobs.account, account))).toEqual([]);
    expect(await house.db.select().from(apiKeys).where(eq(apiKeys.account, account))).toEqual([]);
    expect(await house.db.select().from(users).where(eq(users.email, owner.email))).toEqual([]);
    expect(await house.db.select().from(identities).where(eq(identities.userId, principal.subject))).toEqual([]);
    expect(await house.db.select().from(sessions).where(eq(sessions.userId, principal.subject))).toEqual([]);
    const [row] = await house.db.select().from(accounts).where(eq(accounts.id, account));
    expect(row).toMatchObject({ name: "", metadata: null, version: 2 });
    expect(row?.deletedAt).toBeInstanceOf(Date);
    expect((await house.db.select().from(ledger).where(eq(ledger.account, account))).map(({ job }) => job)).toEqual([ids[0]]);
    expect(queued).not.toBe("");
    expect(counted).toEqual(["canceled"]);
    const { differences } = await reconcile(house.db, { repair: false });
    expect(differences.filter((books) => books.account === account)).toEqual([]);

    const rows = await house.db.select().from(auditLog).where(eq(auditLog.account, account)).orderBy(auditLog.seq);
    expect(rows.slice(-2).map(({ action, actor }) => [action, actor])).toEqual([
      ["account.delete", principal.subject],
      ["account.erase", principal.subject],
    ]);
    expect(rows.at(-1)?.after).toEqual(receipt);

    // At once: who was signed in is not, who belongs elsewhere still is, and the neighbour lost nothing.
    expect(await refused(await owner.get("/token"))).toBe("session-missing");
    expect(await refused(await owner.signIn())).toBe("sign-in-failed");
    expect((await colleague.claims()).account).not.toBe(account);
    expect(await listed(neighbour.account)).toEqual([3, 2]);
    expect(await refused(await remove(principal, { confirm: account, password: owner.password }))).toBe("role-missing");
  });

  test("it takes the owner's password and the account's id, and a key has neither", async () => {
    const { owner, principal, account } = await company();
    expect(await refused(await remove(principal, { confirm: account }))).toBe("deletion-unconfirmed");
    expect(await refused(await remove(principal, { confirm: account, password: "not-the-password-of-Ann" }))).toBe("deletion-unconfirmed");
    expect(await refused(await remove(principal, { confirm: "another", password: owner.password }))).toBe("deletion-unconfirmed");
    expect(await refused(await remove({ ...principal, key: drawId("key") }, { confirm: account, password: owner.password }))).toBe(
      "role-missing",
    );
    expect(await listed(account)).toEqual([3, 2]);
    expect((await owner.get("/token")).status).toBe(200);
  });

  test("a stolen token cannot guess the owner's password for long", async () => {
    const { owner, principal, account } = await company();
    const guess = async (password: string) => refused(await remove(principal, { confirm: account, password }));
    for (let n = 0; n < 5; n++) expect(await guess(`guess-number-${n}`)).toBe("deletion-unconfirmed");
    expect(await guess(owner.password)).toBe("sign-in-throttled");
    expect(await listed(account)).toEqual([3, 2]);
  });

  test("who has no password must have signed in just now", async () => {
    const { principal, account } = await company();
    await house.db.update(identities).set({ providerId: "oidc", password: null }).where(eq(identities.userId, principal.subject));
    await house.db
      .update(sessions)
      .set({ createdAt: new Date(Date.now() - 11 * 60_000) })
      .where(eq(sessions.userId, principal.subject));
    expect(await refused(await remove(principal, { confirm: account }))).toBe("deletion-unconfirmed");
    await house.db.update(sessions).set({ createdAt: new Date() }).where(eq(sessions.userId, principal.subject));
    expect((await remove(principal, { confirm: account })).status).toBe(200);
  });

  test("a running job is finished first, and a refusal cancels nothing", async () => {
    const { owner, principal, account } = await company();
    const running = await addJob(account, "running");
    const queued = await addJob(account, "queued");
    expect(await refused(await remove(principal, { confirm: account, password: owner.password }))).toBe("account-busy");
    expect(await house.db.select().from(jobs).where(eq(jobs.id, queued))).toMatchObject([{ state: "queued" }]);
    expect((await owner.get("/token")).status).toBe(200);
    await house.db.delete(jobs).where(eq(jobs.id, running));
    expect((await remove(principal, { confirm: account, password: owner.password })).status).toBe(200);
  });

  test("an administrator deletes any account, and stays one when it was their own; nobody else can", async () => {
    const { principal, account } = await company();
    const ask = (asking: Principal, confirm = account) =>
      house.ask("DELETE", `/v1/admin/accounts/${account}`, { principal: asking, body: { confirm } });
    expect(await refused(await ask(principal))).toBe("scope-missing");
    const key = drawId("key");
    const administrator: Principal = { account: "operator", subject: key, key, tier: "free", scopes: [...scopes], livemode: true };
    expect(await refused(await ask(administrator, "another"))).toBe("deletion-unconfirmed");
    await house.db.update(users).set({ administrator: true }).where(eq(users.id, principal.subject));
    const receipt = DeletionReceipt.parse(await (await ask(administrator)).json());
    expect(receipt.removed).toMatchObject({ members: 2, people: 0 });
    expect(await house.db.select().from(users).where(eq(users.id, principal.subject))).toHaveLength(1);
    expect(await refused(await ask(administrator))).toBe("account-not-found");
  });

  test("when the object store is away the account is closed at once, and emptied when it is back", async () => {
    const { owner, account } = await company();
    const { subject } = await principalOf(owner);
    const away = r2({ endpoint: "http://127.0.0.1:1", accessKeyId: "a", secretAccessKey: "b", buckets });
    const needs = { db: house.db, objects: away, forgetSessions: house.auth.forgetSessions, jobEnded: () => {} };
    await expect(deleteAccount(needs, { person: subject }, account)).rejects.toMatchObject({ code: "storage-unavailable" });
    await away.close();
    expect(await refused(await owner.get("/token"))).toBe("session-missing");
    expect(await listed(account)).toEqual([3, 2]);

    expect(await finishDeletions({ ...needs, objects })).toBe(1);
    expect(await listed(account)).toEqual([0, 0]);
    expect(await house.db.select().from(jobs).where(eq(jobs.account, account))).toEqual([]);
    expect(await finishDeletions({ ...needs, objects })).toBe(0);
  });
});
