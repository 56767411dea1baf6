// What a customer does with jobs beside starting them: find, cancel and delete them, with real databases and a real object store.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Job } from "#contract/jobs.ts";
import { type RunningEdge, startEdge } from "#test/edge/support/start-edge.ts";
import { answered, refused } from "./support/accounts.ts";
import { bookKinds, drawn, principalOf } from "./support/books.ts";
import { type JobHouse, openJobHouse } from "./support/job-doors.ts";

let edge: RunningEdge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.stop());

describe.each(bookKinds)("jobs as their owner sees them, on %s", (kind) => {
  let house: JobHouse;
  beforeAll(async () => {
    house = await openJobHouse(kind, edge);
  });
  afterAll(() => house.close());

  const list = async (account: string, query = "", changes = {}) => {
    const { data, next_cursor } = await answered(200, await house.call(principalOf(account, changes), "GET", `/v1/jobs${query}`));
    return { ids: data.map((job: unknown) => Job.parse(job).id), next: next_cursor as string | undefined };
  };

  describe("finding", () => {
    test("pages go from the newest to the oldest, without a gap and without an echo", async () => {
      const acme = await house.account();
      const ids: string[] = [];
      for (let n = 0; n < 5; n++) ids.unshift((await house.job(acme)).id);
      const first = await list(acme, "?limit=2");
      const late = (await house.job(acme)).id;
      const second = await list(acme, `?limit=2&after=${first.next}`);
      const third = await list(acme, `?limit=2&after=${second.next}`);
      expect([...first.ids, ...second.ids, ...third.ids]).toEqual(ids);
      expect(third.next).toBeUndefined();
      expect((await list(acme)).ids[0]).toBe(late);
    });

    test("each filter finds what it names, and nothing else", async () => {
      const acme = await house.account({ jobs_queued_max: 100 });
      const key = drawn("key");
      const before = new Date(Date.now() - 1_000).toISOString();
      const text = await house.job(acme, { filename: "Straße 100%_a.pdf", principal: { key } });
      const images = await house.job(acme, {
        filename: "zebra.pdf",
        step: { operation: "pdf.to-images", options: { format: "png", dpi: 18, quality: 85 } },
      });
      const gone = await house.job(acme, { filename: "gone.pdf" });
      await house.call(principalOf(acme), "POST", `/v1/jobs/${gone.id}/cancel`);
      const after = new Date(Date.now() + 1_000).toISOString();
      expect((await list(acme, "?state=canceled")).ids).toEqual([gone.id]);
      expect((await list(acme, "?operation=pdf.to-images")).ids).toEqual([images.id]);
      expect((await list(acme, `?key=${key}`)).ids).toEqual([text.id]);
      expect((await list(acme, "?name=stra%C3%9Fe")).ids).toEqual([text.id]);
      expect((await list(acme, "?name=0%25_A")).ids).toEqual([text.id]);
      expect((await list(acme, "?name=%25")).ids).toEqual([text.id]);
      expect((await list(acme, `?created_from=${before}&created_to=${after}&state=queued`)).ids).toEqual([images.id, text.id]);
      expect((await list(acme, `?created_to=${before}`)).ids).toEqual([]);
      expect((await list(acme, `?created_from=${after}`)).ids).toEqual([]);
    });

    test("other accounts' jobs and those of test keys are not seen", async () => {
      const [acme, rival] = [await house.account(), await house.account()];
      const live = await house.job(acme);
      const tried = await house.job(acme, { principal: { livemode: false } });
      expect((await list(acme)).ids).toEqual([live.id]);
      expect((await list(acme, "", { livemode: false })).ids).toEqual([tried.id]);
      expect((await list(rival)).ids).toEqual([]);
    });

    test.each(["state=lost", "limit=0", "limit=101", "after=x", "key=k", "created_from=yesterday"])(
      "?%s is refused by name",
      async (query) => {
        const problem = await refused(await house.call(principalOf("acme"), "GET", `/v1/jobs?${query}`));
        expect(problem).toMatchObject({ code: "request-invalid", errors: [{ pointer: `/${query.split("=")[0]}` }] });
      },
    );
  });

  describe("canceling", () => {
    const cancel = (account: string, id: string, headers = {}) =>
      house.call(principalOf(account), "POST", `/v1/jobs/${id}/cancel`, undefined, { headers });

    test("a waiting job ends at once, costs nothing, and never runs", async () => {
      const acme = await house.account();
      const { id } = await house.job(acme, { size: 7 });
      expect(await house.period(acme)).toMatchObject({ conversionsReserved: 1, inputBytesReserved: 7 });
      const [inWindow] = (await house.store.enterWindow("light", 1_000)).filter((attempt) => attempt.id === id);
      expect(await answered(200, await cancel(acme, id))).toMatchObject({ id, state: "canceled", progress: { stage: "done" } });
      expect(await house.period(acme)).toMatchObject({ conversionsReserved: 0, inputBytesReserved: 0, conversionsUsed: 0 });
      expect(await house.store.claim(inWindow ?? { id, attempt: 1 })).toBeUndefined();
      expect(house.ends).toContain(id);
    });

    test("a running job ends at once, and its worker's commit is too late", async () => {
      const acme = await house.account();
      const { id } = await house.job(acme);
      const attempt = await house.running(id);
      expect(await answered(200, await cancel(acme, id))).toMatchObject({ state: "canceled" });
      expect(await house.store.heartbeat(attempt, undefined)).toBe(false);
      expect(await house.end(attempt, "succeeded", acme)).toBe(false);
      expect(await house.row(id)).toMatchObject({ state: "canceled", results: [] });
      expect(await house.ledger(acme)).toEqual([]);
      expect(await house.period(acme)).toMatchObject({ conversionsReserved: 0, conversionsUsed: 0 });
    });

    test("whichever of an end and a cancellation comes first counts, and the books agree", async () => {
      const acme = await house.account();
      const { id } = await house.job(acme);
      const attempt = await house.running(id);
      const [committed, answer] = await Promise.all([house.end(attempt, "succeeded", acme), cancel(acme, id)]);
      const { state } = await answered(200, answer);
      expect(state).toBe(committed ? "succeeded" : "canceled");
      expect(await house.ledger(acme)).toHaveLength(committed ? 1 : 0);
      expect(await house.period(acme)).toMatchObject({ conversionsReserved: 0, conversionsUsed: committed ? 1 : 0 });
    });

    test("a job that has ended is answered as it is", async () => {
      const acme = await house.account();
      const { id } = await house.ended(acme, "succeeded");
      expect(await answered(200, await cancel(acme, id))).toMatchObject({ state: "succeeded", expired: false });
      expect(await house.ledger(acme)).toHaveLength(1);
    });

    test("a repeat with the same key gets the first answer, and the key is for that job only", async () => {
      const acme = await house.account();
      const [one, other] = [await house.job(acme), await house.job(acme)];
      const headers = { "idempotency-key": "cancel-1" };
      const first = await cancel(acme, one.id, headers);
      const again = await cancel(acme, one.id, headers);
      expect(again.headers.get("idempotent-replayed")).toBe("true");
      expect(await again.json()).toEqual(await first.json());
      expect((await refused(await cancel(acme, other.id, headers))).code).toBe("idempotency-mismatch");
      expect(await house.row(other.id)).toMatchObject({ state: "queued" });
    });

    test("nobody cancels or deletes the job of another account, nor a test key a live one", async () => {
      const [acme, rival] = [await house.account(), await house.account()];
      const { id } = await house.job(acme);
      for (const principal of [principalOf(rival), principalOf(acme, { livemode: false })]) {
        expect((await refused(await house.call(principal, "POST", `/v1/jobs/${id}/cancel`))).code).toBe("job-not-found");
        expect((await refused(await house.call(principal, "DELETE", `/v1/jobs/${id}`))).code).toBe("job-not-found");
      }
      expect(await house.row(id)).toMatchObject({ state: "queued", filesDeletedAt: null });
    });
  });

  describe("deleting", () => {
    test("a job's files are gone with the answer, the record says so, and its results are 410", async () => {
      const acme = await house.account();
      const { id } = await house.ended(acme, "succeeded");
      expect(await house.keysOf(acme)).toHaveLength(2);
      expect(await answered(200, await house.call(principalOf(acme), "DELETE", `/v1/jobs/${id}`))).toMatchObject({
        state: "succeeded",
        expired: true,
        results: [{ filename: "a.txt" }],
      });
      expect(await house.keysOf(acme)).toEqual([]);
      expect(await refused(await house.call(principalOf(acme), "GET", `/v1/jobs/${id}/results/0`))).toMatchObject({
        status: 410,
        code: "result-expired",
      });
      expect(await answered(200, await house.call(principalOf(acme), "GET", `/v1/jobs/${id}`))).toMatchObject({ expired: true });
      expect(await answered(200, await house.call(principalOf(acme), "DELETE", `/v1/jobs/${id}`))).toMatchObject({ expired: true });
      expect(await house.ledger(acme)).toHaveLength(1);
    });

    test("what runs is canceled first, and what its attempts left is deleted too", async () => {
      const acme = await house.account();
      const { id } = await house.job(acme);
      await house.running(id);
      await house.putResult(`${acme}/${id}/1/0`);
      expect(await answered(200, await house.call(principalOf(acme), "DELETE", `/v1/jobs/${id}`))).toMatchObject({
        state: "canceled",
        expired: true,
      });
      expect(await house.keysOf(acme)).toEqual([]);
      expect(house.ends).toContain(id);
    });

    test("an input stays while another job has it", async () => {
      const acme = await house.account();
      const upload = await house.putUpload(acme);
      const one = await house.job(acme, { upload });
      const other = await house.job(acme, { upload, principal: { livemode: false } });
      await answered(200, await house.call(principalOf(acme), "DELETE", `/v1/jobs/${one.id}`));
      expect(await house.keysOf(acme)).toEqual([`${acme}/${upload}`]);
      await answered(200, await house.call(principalOf(acme, { livemode: false }), "DELETE", `/v1/jobs/${other.id}`));
      expect(await house.keysOf(acme)).toEqual([]);
    });

    test("while the object store is away nobody is given the files any more", async () => {
      const acme = await house.account();
      const { id } = await house.ended(acme, "succeeded");
      expect((await refused(await house.callWithoutStorage(principalOf(acme), "DELETE", `/v1/jobs/${id}`))).code).toBe(
        "storage-unavailable",
      );
      expect((await refused(await house.call(principalOf(acme), "GET", `/v1/jobs/${id}/results/0`))).code).toBe("result-expired");
      expect(await answered(200, await house.call(principalOf(acme), "GET", `/v1/jobs/${id}`))).toMatchObject({ expired: false });
      expect(await answered(200, await house.call(principalOf(acme), "DELETE", `/v1/jobs/${id}`))).toMatchObject({ expired: true });
      expect(await house.keysOf(acme)).toEqual([]);
    });

    test("an upload is deleted at once, but not while a job needs it, and not another account's", async () => {
      const [acme, rival] = [await house.account(), await house.account()];
      const upload = await house.putUpload(acme);
      const remove = (account: string, call = house.call) => call(principalOf(account), "DELETE", `/v1/uploads/${upload}`);
      expect((await refused(await remove(rival))).code).toBe("upload-not-found");
      const { id } = await house.job(acme, { upload });
      expect(await refused(await remove(acme))).toMatchObject({ status: 409, code: "upload-in-use" });
      expect((await refused(await remove(rival))).code).toBe("upload-not-found");
      await house.call(principalOf(acme), "POST", `/v1/jobs/${id}/cancel`);
      expect((await refused(await remove(acme, house.callWithoutStorage))).code).toBe("storage-unavailable");
      const answer = await remove(acme);
      expect([answer.status, await answer.text()]).toEqual([204, ""]);
      expect(await house.keysOf(acme)).toEqual([]);
      expect((await refused(await remove(acme))).code).toBe("upload-not-found");
    });
  });
});
