// Everything under /api/auth: sessions by cookie, which count nowhere else.
import type { Context, Hono } from "hono";
import { z } from "zod";
import type { Auth } from "../../auth/auth.ts";
import { addressHeader, basePath } from "../../auth/people.ts";
import { refusal } from "../../auth/refusal.ts";
import type { Env } from "../env.ts";
import { noSoonerThan } from "../no-sooner-than.ts";

export type AuthDoorNeeds = { auth: Pick<Auth, "handler" | "sessionToken" | "keySet"> };

/** What of a request reaches better-auth. */
const passed = [
  "accept",
  "content-type",
  "cookie",
  "origin",
  "referer",
  "user-agent",
  "x-request-id",
  "sec-fetch-site",
  "sec-fetch-mode",
  "sec-fetch-dest",
];
/** Longer than the look-up and the row of a known address take, shorter than a person notices. */
const resetMs = 250;
const Refused = z.object({ code: z.string(), message: z.string() }).partial().catch({});

export function authDoors(app: Hono<Env>, { auth }: AuthDoorNeeds): void {
  app.get("/.well-known/jwks.json", async (c) => c.json(await auth.keySet(), 200, { "cache-control": "public, max-age=300" }));

  app.get(`${basePath}/token`, async (c) => {
    const { token, expiresInSeconds } = await auth.sessionToken(headersFor(c));
    return c.json({ access_token: token, token_type: "Bearer", expires_in: expiresInSeconds }, 200, { "cache-control": "no-store" });
  });
  // Where OIDC leads when it fails and the client named no page for that.
  app.get(`${basePath}/error`, (c) => {
    throw refusal({ status: 403, code: c.req.query("error")?.slice(0, 100), message: undefined, retryAfter: null });
  });
  app.post(`${basePath}/request-password-reset`, (c) => noSoonerThan(resetMs, () => handOver(c, auth)));
  app.all(`${basePath}/*`, (c) => handOver(c, auth));
}

async function handOver(c: Context<Env>, auth: AuthDoorNeeds["auth"]): Promise<Response> {
  const { method } = c.req;
  const body = method === "GET" || method === "HEAD" ? undefined : c.get("body");
  const response = await auth.handler(
    new Request(c.req.url, { method, headers: headersFor(c), ...(body && body.byteLength > 0 && { body: new Uint8Array(body) }) }),
  );
  if (response.status < 400) return response;
  const { code, message } = Refused.parse(await response.json().catch(() => ({})));
  throw refusal({ status: response.status, code, message, retryAfter: response.headers.get("x-retry-after") });
}

/** The address is the one that the edge asserts, whatever headers a client sends. */
function headersFor(c: Context<Env>): Headers {
  const headers = new Headers(
    passed.flatMap((name) => (c.req.header(name) === undefined ? [] : [[name, c.req.header(name) ?? ""] as [string, string]])),
  );
  headers.set(addressHeader, c.get("caller").address);
  return headers;
}
