// Many accounts that ask more than they may, over many connections; and what the limiter may have admitted of it.
import { Agent, request } from "node:http";
import type { RunningEdge } from "./start-edge.ts";

export type Load = {
  /** Distinguishes the accounts of one run. */
  name: string;
  accounts: number;
  requestsPerAccount: number;
  connections: number;
  rate: { per_minute: number; burst: number };
  /** Every account's object is evicted so often while it is asked. */
  evictions?: number;
};

type Sent = { account: string; sentMs: number; answeredMs: number; status: number; counted: boolean };
/** `most`: what the times of sending and answering leave possible, for burst + rate × time. `unfounded`: refusals that they do not explain. */
export type Outcome = { account: string; asked: number; admitted: number; most: number; unfounded: number };
export type Report = { outcomes: Outcome[]; statuses: number[]; uncounted: number; seconds: number };

export async function limiterLoad(edge: RunningEdge, load: Load): Promise<Report> {
  const keys = Array.from({ length: load.accounts }, (_, index) => {
    const account = `${load.name}-${index}`;
    edge.origin.accounts.limit(account, { reads: load.rate });
    return { account, key: edge.origin.accounts.addKey(account).key };
  });
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const queue = Array.from({ length: load.requestsPerAccount }, () => keys)
    .flat()
    .values();
  const sent: Sent[] = [];
  const startedMs = performance.now();
  const client = async () => {
    for (const { account, key } of queue) sent.push(await ask(edge, agent, account, key));
  };
  const evict = async () => {
    for (let round = 0; round < (load.evictions ?? 0); round++)
      for (const { account } of keys) await fetch(`${edge.url}/test/${account}/evict`, { method: "POST" });
  };
  await Promise.all([...Array.from({ length: load.connections }, client), evict()]);
  agent.destroy();
  return {
    outcomes: [...Map.groupBy(sent, ({ account }) => account)].map(([account, own]) => outcome(account, own, load.rate)),
    statuses: [...new Set(sent.map(({ status }) => status))].sort(),
    uncounted: sent.filter(({ counted }) => !counted).length,
    seconds: (performance.now() - startedMs) / 1_000,
  };
}

function ask(edge: RunningEdge, agent: Agent, account: string, key: string): Promise<Sent> {
  const sentMs = performance.now();
  return new Promise((resolve, reject) => {
    request(`${edge.url}/v1/account`, { agent, headers: { authorization: `Bearer ${key}` } }, (response) => {
      const status = response.statusCode ?? 0;
      const counted = response.headers.ratelimit !== undefined;
      response.resume().on("end", () => resolve({ account, sentMs, answeredMs: performance.now(), status, counted }));
    })
      .on("error", reject)
      .end();
  });
}

/** A request is decided between its sending and its answer; nobody outside can know when. */
function outcome(account: string, own: Sent[], { burst, per_minute }: Load["rate"]): Outcome {
  const within = (ms: number) => burst + Math.floor((Math.max(0, ms) * per_minute) / 60_000);
  const admitted = own.filter(({ status }) => status === 200);
  const longestMs = Math.max(...admitted.map((one) => one.answeredMs)) - Math.min(...admitted.map((one) => one.sentMs));
  // Refused is right when, since some request that was admitted, as many were as the burst and the time since then allow.
  const founded = (refused: Sent) =>
    admitted.some((first) => {
      const since = admitted.filter((one) => one.answeredMs >= first.sentMs && one.sentMs <= refused.answeredMs).length;
      return since >= within(refused.sentMs - first.answeredMs);
    });
  return {
    account,
    asked: own.length,
    admitted: admitted.length,
    most: within(longestMs),
    unfounded: own.filter(({ status }) => status === 429).filter((refused) => !founded(refused)).length,
  };
}

export const isExact = ({ admitted, most, unfounded }: Outcome): boolean => admitted <= most && unfounded === 0;
