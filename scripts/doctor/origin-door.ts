// The origin's own address, as a stranger finds it: health, and nothing of the api.
import { judgeClock } from "./edge.ts";
import { ok, type Row, reasonOf, wrong } from "./row.ts";

const answerMs = 8_000;
const closed = [
  "/v1/tiers",
  "/internal/accounts/acme",
  "/api/auth/get-session",
  "/.well-known/jwks.json",
  "/metrics",
  "/health/detailed",
  "/",
];

export async function lookAtOriginDoor(origin: URL): Promise<Row[]> {
  const [asked, clock] = await Promise.all([Promise.all(closed.map((path) => ask(origin, path))), lookAtClock(origin)]);
  return [judgeDoor(asked), ...clock];
}

function judgeDoor(asked: readonly Asked[]): Row {
  const check = "origin's door";
  if (asked.every(({ status }) => status === undefined)) return ok(check, `strangers get no answer (${asked[0]?.reason})`);
  const open = asked.filter(({ status = 401 }) => status < 400);
  if (open.length === 0) return ok(check, "strangers are refused everywhere but at /health/live and /health/ready");
  const found = open.map(({ path, status }) => `${path} (${status})`).join(", ");
  return wrong(check, `answers strangers: ${found}`, "Something other than the api answers there, or METRICS_HOST is a public address.");
}

/** Where strangers get no answer, this is not known. */
async function lookAtClock(origin: URL): Promise<Row[]> {
  const before = performance.now();
  try {
    const { headers } = await fetch(new URL("/health/live", origin), { redirect: "manual", signal: AbortSignal.timeout(answerMs) });
    return [judgeClock("origin", headers.get("date"), Date.now(), performance.now() - before)];
  } catch {
    return [];
  }
}

type Asked = { path: string; status?: number; reason?: string };

async function ask(origin: URL, path: string): Promise<Asked> {
  try {
    const response = await fetch(new URL(path, origin), { redirect: "manual", signal: AbortSignal.timeout(answerMs) });
    await response.body?.cancel();
    // Plain http that leads to https tells nothing.
    return { path, status: response.status === 308 || response.status === 301 ? 401 : response.status };
  } catch (error) {
    return { path, reason: reasonOf(error) };
  }
}
