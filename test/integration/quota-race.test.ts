// Many creations at once against a quota, on both databases.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reconcile } from "#origin/usage/reconcile.ts";
import { type Api, startApis } from "./support/api-process.ts";
import { type Books, openBooks, orderOf, principalOf } from "./support/books.ts";

const limits = { conversions_per_month: 100, jobs_queued_max: 10_000 };

async function exactly100(books: Books, create: (account: string, n: number) => Promise<string>): Promise<void> {
  const account = await books.account(limits);
  const outcomes = await Promise.all(Array.from({ length: 500 }, (_, n) => create(account, n)));
  expect(Object.groupBy(outcomes, (outcome) => outcome)).toMatchObject({
    made: { length: 100 },
    "quota-conversions": { length: 400 },
  });
  expect(await books.period(account)).toMatchObject({ conversionsReserved: 100, inputBytesReserved: 100_000 });
  expect((await reconcile(books.db, { repair: false })).differences).toEqual([]);
}

describe("500 creations at once against a quota of 100", () => {
  let books: Books;
  let apis: Api[];
  let stop: () => Promise<void>;
  beforeAll(async () => {
    books = await openBooks("PostgreSQL");
    ({ apis, stop } = await startApis(books.url ?? "", 2));
  });
  afterAll(async () => {
    await stop?.();
    await books?.stop();
  });

  test("by two api processes on PostgreSQL: exactly 100 are accepted", async () => {
    await exactly100(books, async (account, n) => {
      const order = orderOf(account);
      for (;;) {
        const response = await (apis[n % 2] as Api).call(principalOf(account), "POST", "/v1/jobs", order);
        if (response.status === 202) return "made";
        const { code } = (await response.json()) as { code: string };
        // Who waits too long for a connection to the database is told to come again, and does.
        if (code !== "not-ready") return code;
      }
    });
  });

  test("on PGlite: exactly 100 are accepted", async () => {
    const embedded = await openBooks("PGlite");
    await exactly100(embedded, (account) =>
      embedded.create(account).then(
        () => "made",
        (error: { code: string }) => error.code,
      ),
    );
    await embedded.stop();
  });
});
