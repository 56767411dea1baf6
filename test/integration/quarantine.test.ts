// A file that ended engines twice is kept away from them, whoever sends it and under whatever name.
import { createHash } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QuarantinedFile } from "#contract/quarantine.ts";
import { auditLog, quarantine } from "#origin/db/schema.ts";
import { quarantineOf } from "#origin/quarantine/quarantine.ts";
import { quarantineStore } from "#origin/quarantine/store.ts";
import { type RunningEdge, startEdge } from "#test/edge/support/start-edge.ts";
import { crashing, startCrasher } from "#test/support/crasher.ts";
import { answered, refused } from "./support/accounts.ts";
import { administrator, asserted } from "./support/assert.ts";
import { bookKinds, drawn, orderOf, principalOf } from "./support/books.ts";
import { client } from "./support/client.ts";
import { startHouse } from "./support/house.ts";
import { type JobHouse, openJobHouse } from "./support/job-doors.ts";

const digestOf = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

describe("the quarantine", () => {
  let edge: RunningEdge;
  beforeAll(async () => {
    edge = await startEdge();
  });
  afterAll(() => edge.stop());

  describe.each(bookKinds)("on %s", (kind) => {
    let house: JobHouse;
    beforeAll(async () => {
      house = await openJobHouse(kind, edge);
    });
    afterAll(() => house.close());

    const put = (text: string, hours = 24) =>
      quarantineStore(house.db).put({ sha256: digestOf(text), job: drawn("job"), operation: "office.to-pdf", hours });
    const list = (query = "") => house.call(administrator, "GET", `/v1/admin/quarantine${query}`);
    const row = async (text: string) =>
      (
        await house.db
          .select()
          .from(quarantine)
          .where(eq(quarantine.sha256, digestOf(text)))
      )[0];

    test("an order that announces the digest is refused and counted, costs nothing, and another's is taken", async () => {
      const acme = await house.account();
      await put("announced");
      const order = (text: string) => {
        const { inputs, ...rest } = orderOf(acme);
        return { ...rest, inputs: inputs.map((input) => ({ ...input, sha256: digestOf(text) })) };
      };
      const ask = (text: string) => house.call(principalOf(acme), "POST", "/v1/jobs", order(text));
      for (let n = 0; n < 2; n++) expect(await refused(await ask("announced"))).toMatchObject({ status: 422, code: "input-quarantined" });
      expect(await row("announced")).toMatchObject({ refused: 2 });
      expect(await house.period(acme)).toBeUndefined();
      expect((await ask("harmless")).status).toBe(202);
    });

    test("a worker is told once the digest is known, by either way of knowing it", async () => {
      await put("found");
      const worker = quarantineOf(house.db, 24);
      const [input] = orderOf("acme").inputs;
      if (!input) throw new Error("an order has an input");
      await worker.refuse(input);
      await worker.refuse({ ...input, found_sha256: digestOf("other") });
      await expect(worker.refuse({ ...input, found_sha256: digestOf("found") })).rejects.toThrow("input-quarantined");
      await expect(worker.refuse({ ...input, sha256: digestOf("found") })).rejects.toThrow("input-quarantined");
      expect(await row("found")).toMatchObject({ refused: 2 });
    });

    test("its time ends: then the file is converted and no longer listed, and forgotten by the sweep", async () => {
      await put("over");
      await house.db
        .update(quarantine)
        .set({ until: sql`now()` })
        .where(eq(quarantine.sha256, digestOf("over")));
      expect(await quarantineStore(house.db).holds([digestOf("over")])).toBe(false);
      expect(JSON.stringify(await answered(200, await list()))).not.toContain(digestOf("over"));
      expect((await house.call(administrator, "DELETE", `/v1/admin/quarantine/${digestOf("over")}`)).status).toBe(404);
      await quarantineStore(house.db).forgetExpired();
      expect(await row("over")).toBeUndefined();
    });

    test("a file that does it again begins its time anew", async () => {
      await put("again", 1);
      await quarantineStore(house.db).countRefusal([digestOf("again")]);
      const before = await row("again");
      await put("again", 48);
      const after = await row("again");
      expect(after?.refused).toBe(0);
      expect((after?.until.getTime() ?? 0) - (before?.until.getTime() ?? 0)).toBeGreaterThan(46 * 3_600_000);
    });

    test("administrators page through it, newest first", async () => {
      await house.db.delete(quarantine);
      for (const text of ["one", "two", "three"]) await put(text);
      const seen: string[] = [];
      for (let query = "?limit=1"; ; ) {
        const { data, next_cursor } = await answered(200, await list(query));
        seen.push(...data.map((file: unknown) => QuarantinedFile.parse(file).sha256));
        if (next_cursor === undefined) break;
        query = `?limit=1&after=${next_cursor}`;
      }
      expect(seen.toSorted()).toEqual(["one", "two", "three"].map(digestOf).toSorted());
      expect((await refused(await list("?after=1"))).code).toBe("request-invalid");
    });

    test("lifting is told of in the audit log, and works once", async () => {
      await put("lifted");
      const path = `/v1/admin/quarantine/${digestOf("lifted")}`;
      expect(await answered(200, await house.call(administrator, "DELETE", path))).toMatchObject({
        sha256: digestOf("lifted"),
        refused: 0,
      });
      expect((await refused(await house.call(administrator, "DELETE", path))).code).toBe("quarantine-not-found");
      expect(
        await house.db
          .select()
          .from(auditLog)
          .where(eq(auditLog.target, digestOf("lifted"))),
      ).toMatchObject([{ action: "quarantine.lift", actor: administrator.subject }]);
      expect(await quarantineStore(house.db).holds([digestOf("lifted")])).toBe(false);
    });
  });
});

test("a document that ended two boxes is refused under another name and account until it is lifted, and its job knows its digest", async () => {
  const house = await startHouse({});
  const call = asserted({ edgeKey: house.edge.edgeKey, fetch, origin: `http://127.0.0.1:${house.config.PORT}` });
  try {
    const bytes = crashing(0);
    const sha256 = digestOf(bytes);
    const [acme, rival] = [client(house), client(house, "rival")];
    const start = async (who: typeof acme, name: string) => who.start(await who.upload(name, bytes), { operation: "office.to-pdf" });

    const crasher = startCrasher(house.boxes.pids("office"), "odt");
    const crashed = await acme.ended((await start(acme, "crash.odt")).id).finally(crasher.stop);
    expect(crashed).toMatchObject({ state: "failed", problem: { code: "engine-crashed" }, inputs: [{ sha256 }] });

    const refusedJob = await rival.ended((await start(rival, "harmless.odt")).id);
    expect(refusedJob).toMatchObject({ state: "failed", problem: { code: "input-quarantined" }, attempt: 1, inputs: [{ sha256 }] });
    expect(refusedJob.timings.converted_ms).toBeUndefined();
    const { data } = await answered(200, await call(administrator, "GET", "/v1/admin/quarantine"));
    expect(data).toMatchObject([{ sha256, job: crashed.id, operation: "office.to-pdf", refused: 1 }]);

    await answered(200, await call(administrator, "DELETE", `/v1/admin/quarantine/${sha256}`));
    expect(await rival.ended((await start(rival, "harmless.odt")).id)).toMatchObject({ state: "succeeded" });
  } finally {
    await house.stop();
  }
});
