// The load of the edge's bench, a process of its own: so many keep-alive connections, each with one request under way at a time.
import { Pool } from "undici";
import { quantile } from "./statistics.ts";

export type Load = {
  origin: string;
  path: string;
  /** Keys or tokens, in turn. */
  credentials: readonly string[];
  connections: number;
  ms: number;
  expected: number;
};
export type Loaded = { requests: number; wallMs: number; p50Ms: number; p95Ms: number } | { fault: string };

const pools = new Map<string, Pool>();

process.on("message", (load: Load) => {
  run(load).then(
    (loaded) => process.send?.(loaded),
    (fault: unknown) => process.send?.({ fault: `${fault}` }),
  );
});
process.once("disconnect", () => process.exit(0));

async function run({ origin, path, credentials, connections, ms, expected }: Load): Promise<Loaded> {
  const pool = pools.get(origin) ?? new Pool(origin, { connections, pipelining: 1 });
  pools.set(origin, pool);
  const times: number[] = [];
  const startedAt = performance.now();
  let turn = 0;
  const connection = async (): Promise<void> => {
    while (performance.now() - startedAt < ms) {
      const credential = credentials[turn++ % credentials.length];
      const sentAt = performance.now();
      const status = await ask(pool, path, credential);
      if (status !== expected) throw new Error(`${origin}${path} answered ${status}`);
      times.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return {
    requests: times.length,
    wallMs: performance.now() - startedAt,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
  };
}

/** The status, once the whole answer is there. */
function ask(pool: Pool, path: string, credential: string | undefined): Promise<number> {
  const headers = { "cf-connecting-ip": "192.0.2.7", ...(credential !== undefined && { authorization: `Bearer ${credential}` }) };
  return new Promise((resolve, reject) => {
    let status = 0;
    pool.dispatch(
      { method: "GET", path, headers },
      {
        onRequestStart() {},
        onResponseStart(_, code) {
          status = code;
        },
        onResponseData() {},
        onResponseEnd: () => resolve(status),
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}
