// What the edge says: that it lives, what it hears of the origin, and whether the two understand each other.
import { Health } from "#contract/routes/service.ts";
import { ok, type Row, reasonOf, unknown, wrong } from "./row.ts";

const answerMs = 8_000;
const skewMaxMs = 3_000;

type Answer = { status: number; body: unknown; date: string | null; tookMs: number };

async function ask(edge: URL, path: string): Promise<Answer> {
  const before = performance.now();
  const response = await fetch(new URL(path, edge), { redirect: "manual", signal: AbortSignal.timeout(answerMs) });
  const body: unknown = await response.json().catch(() => undefined);
  return { status: response.status, body, date: response.headers.get("date"), tookMs: performance.now() - before };
}

/** Also tells the version of the edge, for whoever compares. */
export async function lookAtEdge(edge: URL): Promise<{ rows: Row[]; version?: string }> {
  let live: Answer;
  try {
    live = await ask(edge, "/health/live");
  } catch (error) {
    return {
      rows: [
        wrong(
          "edge",
          `no answer (${reasonOf(error)})`,
          "Is the Worker deployed, and its route this address? `wrangler deploy`, then `wrangler tail`.",
        ),
      ],
    };
  }
  const alive = Health.safeParse(live.body);
  if (live.status !== 200 || !alive.success) {
    const mend = "Something else answers at this address, or the Worker's configuration is faulty: `wrangler tail` names the variable.";
    return { rows: [wrong("edge", `answers ${live.status}`, mend)] };
  }
  const { version } = alive.data;
  const [origin, key, tokens] = await Promise.all([lookAtOrigin(edge, version), judgeKey(edge), lookAtTokenKeys(edge)]);
  const clock = judgeClock("edge", live.date, Date.now(), live.tookMs);
  return {
    rows: [ok("edge", version ?? "answers, without a version"), ...origin, key, tokens, clock],
    ...(version !== undefined && { version }),
  };
}

async function lookAtOrigin(edge: URL, version: string | undefined): Promise<Row[]> {
  try {
    const { body } = await ask(edge, "/health/ready");
    return judgeReadiness(Health.parse(body), version);
  } catch (error) {
    return [unknown("origin", reasonOf(error))];
  }
}

export function judgeReadiness(health: Health, edgeVersion: string | undefined): Row[] {
  const { status, degraded = [] } = health;
  const parts = degraded.join(", ");
  const away = "Does ORIGIN_URL lead to the ingress, is the ingress up, and is the api ready there (/health/ready)?";
  const answers =
    status === "ok"
      ? ok("origin", "ready")
      : status === "degraded"
        ? wrong("origin", `takes jobs, without ${parts}`, "The rows of the inside say more: --inside.")
        : wrong(
            "origin",
            `not ready${parts && `: ${parts}`}`,
            degraded.includes("origin") ? away : "PostgreSQL or Redis is away: the api's log says which.",
          );
  if (health.version === undefined || edgeVersion === undefined) return [answers, unknown("versions", "the origin tells none")];
  return [answers, sameVersion("versions", edgeVersion, health.version)];
}

export const sameVersion = (check: string, edge: string, origin: string): Row =>
  edge === origin
    ? ok(check, `edge and origin are ${edge}`)
    : wrong(check, `edge ${edge}, origin ${origin}`, "Deploy both from the same commit: the origin first, then `wrangler deploy`.");

/** This route needs no credentials and is answered by the origin, to the edge's signature. */
async function judgeKey(edge: URL): Promise<Row> {
  try {
    const { status, body } = await ask(edge, "/v1/tiers");
    return judgeForwarding(status, codeOf(body));
  } catch (error) {
    return unknown("edge key", reasonOf(error));
  }
}

export function judgeForwarding(status: number, code: string | undefined): Row {
  if (status === 200) return ok("edge key", "the origin takes what the edge signs");
  if (code === "internal") {
    const mend =
      "EDGE_KEY differs between edge and origin, or their clocks do by more than 5 s: docs/rotation.md; the api's log says which.";
    return wrong("edge key", "the origin refuses what the edge signs", mend);
  }
  return unknown("edge key", `the origin did not answer (${code ?? status})`);
}

async function lookAtTokenKeys(edge: URL): Promise<Row> {
  try {
    const { status, body } = await ask(edge, "/.well-known/jwks.json");
    const keys = typeof body === "object" && body !== null && "keys" in body && Array.isArray(body.keys) ? body.keys.length : undefined;
    if (status === 200 && keys !== undefined)
      return ok("token keys", keys === 0 ? "none yet; the first sign-in makes one" : `${keys} published`);
    const code = codeOf(body) ?? "";
    if (["origin-unavailable", "origin-timeout"].includes(code)) return unknown("token keys", `the origin did not answer (${code})`);
    return wrong(
      "token keys",
      `the key set is not there (${codeOf(body) ?? status})`,
      "JWT_JWKS must be ORIGIN_URL/.well-known/jwks.json.",
    );
  } catch (error) {
    return unknown("token keys", reasonOf(error));
  }
}

/** A Date header has whole seconds, and is as old as the way back. */
export function judgeClock(who: "edge" | "origin", date: string | null, now: number, tookMs: number): Row {
  const check = `clock (${who})`;
  if (date === null) return unknown(check, `the ${who} tells no time`);
  const aheadMs = now - (Date.parse(date) + 500);
  if (Math.abs(aheadMs) <= skewMaxMs + tookMs) return ok(check, `this machine's and the ${who}'s agree`);
  const seconds = `${Math.abs(aheadMs / 1_000).toFixed(0)} s`;
  return wrong(
    check,
    `this machine is ${seconds} ${aheadMs > 0 ? "ahead" : "behind"}`,
    "Turn on time synchronisation there and here (timedatectl set-ntp true): signatures are good for a minute.",
  );
}

const codeOf = (body: unknown): string | undefined =>
  typeof body === "object" && body !== null && "code" in body && typeof body.code === "string" ? body.code : undefined;
