// What concerns people, on the database of the test's choice, with a real Redis, a real mail server, and the door that the api has.
import { createHash, randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { SignJWT } from "jose";
import { assertionAudience, assertionHeader, assertionIssuer, type Principal } from "#contract/assertion.ts";
import { type Auth, authOf } from "#origin/auth/auth.ts";
import { type Config, parseConfig } from "#origin/config.ts";
import { openDatabase } from "#origin/db/database.ts";
import { assertedApp } from "#origin/http/app.ts";
import { authDoors } from "#origin/http/doors/auth.ts";
import { openLog } from "#origin/log.ts";
import { producerConnection, ready } from "#origin/queue/connection.ts";
import { type DatabaseKind, freshDatabase } from "#test/integration/support/fresh-database.ts";
import { startRedis } from "#test/support/redis.ts";
import { temporaryFolder } from "#test/support/start-part.ts";
import { startMailServer } from "./mail-server.ts";

export const publicUrl = "http://convert.test";

export type Asked = {
  body?: unknown;
  headers?: Record<string, string>;
  /** Whence it comes; by default an address that nobody used before. */
  address?: string;
  principal?: Principal;
};

export async function startPeopleHouse({
  kind = "PGlite",
  variables = {},
}: {
  kind?: DatabaseKind;
  variables?: Record<string, string>;
} = {}) {
  const [folder, redis, mail, fresh] = await Promise.all([temporaryFolder("people"), startRedis(), startMailServer(), freshDatabase(kind)]);
  const edgeKey = randomBytes(32).toString("hex");
  const configOf = (more: Record<string, string>): Config =>
    parseConfig({
      EDGE_KEY: edgeKey,
      OPTIONS_KEY: randomBytes(32).toString("base64"),
      AUTH_SECRET: createHash("sha256").update(edgeKey).digest("base64"),
      PUBLIC_URL: publicUrl,
      R2_ENDPOINT: "http://127.0.0.1:1",
      R2_ACCESS_KEY_ID: "none",
      R2_SECRET_ACCESS_KEY: "none",
      REDIS_URL: redis.url,
      SIGNUP: "open",
      SMTP_URL: mail.url,
      MAIL_FROM: "TrustyConvert <no-reply@convert.test>",
      ...more,
    });
  const log = openLog(process.env.TEST_LOG_LEVEL ?? "silent", "all");
  const database = await openDatabase({ ...fresh, onError: () => {} });
  const connection = producerConnection({ url: redis.url }, () => {});
  await ready(connection, { url: redis.url }, 60_000);

  const appOf = (auth: Auth) => {
    const edge = { edgeKeys: [new TextEncoder().encode(edgeKey)], noteKeyUse: () => {} };
    const app = assertedApp({ db: database.db, log, health: async () => ({ status: "ok" }), ...edge });
    authDoors(app, { auth });
    return app;
  };
  let auth = await authOf({ db: database.db, redis: connection, log, config: configOf(variables) });
  let app = appOf(auth);

  const house = {
    db: database.db,
    mail,
    redis,
    log,
    folder,
    connection,
    get auth() {
      return auth;
    },
    get app() {
      return app;
    },
    /** The same stores under another configuration, as after a restart. */
    async restart(more: Record<string, string>) {
      await auth.mailIdle();
      await auth.close(0);
      auth = await authOf({ db: database.db, redis: connection, log, config: configOf({ ...variables, ...more }) });
      app = appOf(auth);
    },
    /** One more process on the same stores, which ends at once. */
    async startAnother(more: Record<string, string>) {
      const other = await authOf({ db: database.db, redis: connection, log, config: configOf({ ...variables, ...more }) });
      await other.close(0);
    },
    /** As the edge forwards a request. */
    async ask(method: string, path: string, { body, headers = {}, address = freshAddress(), principal }: Asked = {}): Promise<Response> {
      const text = body === undefined ? "" : JSON.stringify(body);
      const url = new URL(path, "http://origin.test");
      const assertion = await new SignJWT({
        ...(principal && { principal }),
        address,
        method,
        path: url.pathname + url.search,
        body_sha256: createHash("sha256").update(text).digest("hex"),
      })
        .setProtectedHeader({ alg: "HS256" })
        .setIssuer(assertionIssuer)
        .setAudience(assertionAudience)
        .setIssuedAt()
        .setExpirationTime("60s")
        .sign(new TextEncoder().encode(edgeKey));
      return app.request(url.pathname + url.search, {
        method,
        headers: { ...(text && { "content-type": "application/json" }), ...headers, [assertionHeader]: assertion },
        ...(text && { body: text }),
      });
    },
    async stop() {
      await auth.close(1_000);
      connection.disconnect();
      await database.close();
      await Promise.all([redis.stop(), mail.stop(), fresh.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return house;
}
export type PeopleHouse = Awaited<ReturnType<typeof startPeopleHouse>>;

/** RFC 5737 and RFC 3849 have too few: documentation addresses of IPv6, each in a /64 of its own. */
export const freshAddress = (): string => `2001:db8:${randomBytes(2).toString("hex")}:${randomBytes(2).toString("hex")}::1`;
