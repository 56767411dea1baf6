// docs/rotation.md, rehearsed: keys are changed while the service is used.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accounts, jobs } from "#origin/db/schema.ts";
import { localKey } from "#scripts/stack/local-key.ts";
import { type RunningEdge, startEdge } from "#test/edge/support/start-edge.ts";
import { password } from "#test/fixtures/recipes.ts";
import { startBalancer } from "#test/support/balancer.ts";
import { steadyLoad } from "#test/support/steady-load.ts";
import { asserted, principalOf } from "./support/assert.ts";
import { client } from "./support/client.ts";
import { startFleet } from "./support/fleet.ts";

const requestsPerSecond = 20;
/** Origins are started anew six times. */
const patienceMs = 400_000;
/** The first step of the change is done: every process knows the next key. */
const optionsKeys = { OPTIONS_KEY_ALSO: randomBytes(32).toString("base64") };

let fleet: Awaited<ReturnType<typeof startFleet>>;
let front: Awaited<ReturnType<typeof startBalancer>>;
/** What answers at the public address. While Cloudflare rolls a new version out, both do. */
const edgePorts: number[] = [];
beforeAll(async () => {
  front = await startBalancer(edgePorts);
  fleet = await startFleet({
    apis: 2,
    workers: 0,
    lightBoxes: 1,
    variables: { EDGE_URL: `http://127.0.0.1:${front.port}`, ...optionsKeys },
  });
  edgePorts.push(fleet.edge.port);
});
afterAll(async () => {
  await fleet?.stop();
  await front?.stop();
});

const rollOut = async (changes: Record<string, string>) => {
  for (const index of [0, 1]) await fleet.restartApi(index, changes);
};

test(
  "a job that waits with a sealed password, and an answer that is asked for again, outlive a change of OPTIONS_KEY",
  async () => {
    const { OPTIONS_KEY: old, OPTIONS_KEY_ALSO: next } = { ...fleet.variables, ...optionsKeys };
    const ann = client(fleet);
    const upload = await ann.uploadFixture("encrypted.pdf");
    const order = () => orderOnce(fleet.edge, upload);
    const [status, first] = await order();
    expect(status, JSON.stringify(first)).toBe(202);
    const [row] = await fleet.db.select().from(jobs).where(eq(jobs.id, first.id));
    expect(row?.secrets).toEqual(expect.any(String));

    const changed = { OPTIONS_KEY: next, OPTIONS_KEY_ALSO: old };
    await rollOut(changed);
    const [, again] = await order();
    expect(again.id).toBe(first.id);
    expect((await ann.read(first.id)).state).toBe("queued");
    // It is sealed with the key of before, and a worker of now opens it.
    await fleet.addWorker(changed);
    expect(await ann.ended(first.id)).toMatchObject({ state: "succeeded" });
  },
  patienceMs,
);

test(
  "the key between edge and origin is changed under load, in both directions, and no request is refused",
  async () => {
    const oldKey = fleet.edge.edgeKey;
    const newKey = randomBytes(32).toString("base64");
    const { key } = await localKey({ originPort: fleet.apiPort, edgeKey: oldKey }, { account: "acme", tier: "enterprise", minutes: 60 });
    const load = steadyLoad(requestsPerSecond, async (n) => {
      const path = ["/v1/account", "/v1/jobs", "/v1/usage", "/v1/keys"][n % 4];
      const response = await fetch(`http://127.0.0.1:${front.port}${path}`, { headers: { authorization: `Bearer ${key}` } });
      const text = await response.text();
      if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    });
    /** A change at the origin reaches the edge, whichever signs and takes which key. */
    const isPushed = async () => {
      const row = await fleet.db.select().from(accounts).where(eq(accounts.id, "acme"));
      const before = row[0]?.pushedVersion ?? 0;
      const signs = asserted({ edgeKey: now, fetch, origin: `http://127.0.0.1:${fleet.apiPort}` });
      const made = await signs(principalOf("acme"), "POST", "/v1/keys", { name: "one more", scopes: ["jobs:read"] });
      expect(made.status).toBe(201);
      const pushed = async () => (await fleet.db.select().from(accounts).where(eq(accounts.id, "acme")))[0]?.pushedVersion;
      await expect.poll(pushed).toBeGreaterThan(before);
    };
    let now = oldKey;

    await sleep(1_000);
    await rollOut({ EDGE_KEY_ALSO: newKey });
    await isPushed();
    const next = await startEdge({ originPort: fleet.apiPort, edgeKey: newKey, variables: { EDGE_KEY_ALSO: oldKey } });
    try {
      edgePorts.push(next.port);
      await sleep(2_000);
      edgePorts.shift();
      await isPushed();
      await rollOut({ EDGE_KEY: newKey, EDGE_KEY_ALSO: oldKey });
      now = newKey;
      await isPushed();
      await rollOut({ EDGE_KEY: newKey });
      await isPushed();
      const { answered, failures } = await load.stop();
      console.log(`key rotation: ${answered} requests at ${requestsPerSecond}/s, ${failures.length} refused`);
      expect(failures).toEqual([]);
      expect(answered).toBeGreaterThan(100);

      // The old key is of no use any more.
      const late = asserted({ edgeKey: oldKey, fetch, origin: `http://127.0.0.1:${fleet.apiPort}` });
      expect((await late(principalOf("acme"), "GET", "/v1/account")).status).toBe(401);
    } finally {
      await load.stop();
      edgePorts.splice(0, edgePorts.length, fleet.edge.port);
      await next.stop();
    }
  },
  patienceMs,
);

async function orderOnce(edge: RunningEdge, upload: string): Promise<[number, { id: string }]> {
  const response = await fetch(`${edge.url}/v1/jobs`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${await edge.issuer.token("acme")}`,
      "content-type": "application/json",
      "idempotency-key": "outlives-the-key",
    },
    body: JSON.stringify({ inputs: [{ upload }], steps: [{ operation: "pdf.to-text", options: { password } }] }),
  });
  return [response.status, (await response.json()) as { id: string }];
}
