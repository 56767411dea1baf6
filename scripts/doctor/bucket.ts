// The bucket, as clients see it: a real upload with a presigned URL, which is deleted again, and a browser's question before one.
import { UploadTicket } from "#contract/uploads.ts";
import { ok, type Row, reasonOf, unknown, wrong } from "./row.ts";

const answerMs = 15_000;
const text = "npm run doctor was here.\n";

export async function lookAtBucket(edge: URL, key: string | undefined, pages: readonly string[]): Promise<Row[]> {
  if (key === undefined)
    return [unknown("bucket", "not asked", "Give an API key with the scope uploads:write: TRUSTY_KEY=tc_live_… npm run doctor …")];
  const call = (method: string, path: string, body?: object) =>
    fetch(new URL(path, edge), {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body && { "content-type": "application/json" }) },
      signal: AbortSignal.timeout(answerMs),
      ...(body && { body: JSON.stringify(body) }),
    });
  try {
    const response = await call("POST", "/v1/uploads", { filename: "doctor.txt", size: text.length, content_type: "text/plain" });
    if (response.status !== 201) return [judgeRefusal(response.status, await response.text())];
    const ticket = UploadTicket.parse(await response.json());
    const browsers =
      pages.length === 0
        ? [unknown("bucket cors", "not asked", "Name the pages that upload from a browser: --page https://app.example.com")]
        : [];
    const asked = await Promise.all(pages.map((page) => asksFirst(ticket, page)));
    const put = await takesBytes(ticket);
    await call("DELETE", `/v1/uploads/${ticket.id}`).catch(() => undefined);
    return [put, ...browsers, ...asked];
  } catch (error) {
    return [wrong("bucket", reasonOf(error), "Is R2_ENDPOINT of the edge right, and does it answer from here?")];
  }
}

/** The bucket was not reached; but a key that does not hold is a fault of its own. */
function judgeRefusal(status: number, text: string): Row {
  const code = /"code":"([\w-]+)"/.exec(text)?.[1];
  const found = `no upload was announced: ${status} ${code ?? text.slice(0, 200)}`;
  if (status === 401)
    return wrong("bucket", found, "TRUSTY_KEY must be an API key of this service that was not revoked and has not expired.");
  if (code === "scope-missing") return wrong("bucket", found, "TRUSTY_KEY must have the scope uploads:write.");
  return unknown("bucket", found, "docs/problems.md says what the code means; the edge's log (`wrangler tail`) says why.");
}

async function takesBytes({ url, method, headers }: UploadTicket): Promise<Row> {
  const response = await fetch(url, { method, headers, body: text, signal: AbortSignal.timeout(answerMs) });
  const said = /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1] ?? "";
  if (response.ok) return ok("bucket", "took a presigned upload, which was deleted again");
  const mend = {
    NoSuchBucket: "Create the bucket UPLOADS_BUCKET, or correct its name in wrangler.toml.",
    RequestTimeTooSkewed: "The clock of whoever signs is wrong.",
  }[said];
  return wrong(
    "bucket",
    `refused a presigned upload: ${response.status} ${said}`,
    mend ?? "The edge's R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY must be a pair that may write this bucket.",
  );
}

async function asksFirst({ url, method, headers }: UploadTicket, page: string): Promise<Row> {
  const check = `bucket cors ${page}`;
  // Browsers set the length themselves, and do not ask for it.
  const names = Object.keys(headers).filter((name) => name !== "content-length");
  const response = await fetch(url, {
    method: "OPTIONS",
    headers: { origin: page, "access-control-request-method": method, "access-control-request-headers": names.join(",") },
    signal: AbortSignal.timeout(answerMs),
  });
  await response.body?.cancel();
  return judgePreflight({ check, status: response.status, headers: response.headers, page, method, names });
}

type Preflight = { check: string; status: number; headers: Headers; page: string; method: string; names: readonly string[] };

export function judgePreflight({ check, status, headers, page, method, names }: Preflight): Row {
  const mend =
    "Put docker/r2-cors.json on the uploads bucket, with this page in it: `wrangler r2 bucket cors set BUCKET --file docker/r2-cors.json`.";
  const listed = (name: string) => (headers.get(name) ?? "").split(",").map((item) => item.trim().toLowerCase());
  const origin = headers.get("access-control-allow-origin");
  if (status >= 300 || origin === null) return wrong(check, `the bucket does not answer browsers (${status})`, mend);
  if (origin !== "*" && origin !== page) return wrong(check, `only ${origin} may`, mend);
  if (!listed("access-control-allow-methods").includes(method.toLowerCase())) return wrong(check, `${method} is not allowed`, mend);
  const allowed = listed("access-control-allow-headers");
  const missing = allowed.includes("*") ? [] : names.filter((name) => !allowed.includes(name.toLowerCase()));
  return missing.length > 0 ? wrong(check, `headers that are not allowed: ${missing.join(", ")}`, mend) : ok(check, "may upload");
}
