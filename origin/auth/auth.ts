// People, their sessions, and our tokens: what the rest of the origin needs of them.

import type { Redis } from "ioredis";
import type { JWK } from "jose";
import { Problem } from "#contract/problems.ts";
import type { Config } from "../config.ts";
import type { Database } from "../db/database.ts";
import type { Logger } from "../log.ts";
import { attempts, type Verdict } from "./attempts.ts";
import { firstAdministrator } from "./first-administrator.ts";
import { type IssuedToken, type IssueToken, tokenIssuer } from "./issue-token.ts";
import { post } from "./mail.ts";
import { jwtOptions, people } from "./people.ts";
import { resigned } from "./rotated-secret.ts";
import { sessionCache } from "./session-cache.ts";
import { sessionToken } from "./session-token.ts";
import { type AuthContext, keyTimes, publishedKeys } from "./signing-keys.ts";

export type AuthOptions = {
  db: Database;
  /** Fails at once when Redis is away (producerConnection). */
  redis: Redis;
  log: Logger;
  config: Pick<
    Config,
    | "PUBLIC_URL"
    | "TRUSTED_ORIGINS"
    | "AUTH_SECRET"
    | "AUTH_SECRET_ALSO"
    | "SIGNUP"
    | "MAIL"
    | "SMTP_URL"
    | "MAIL_FROM"
    | "OIDC_ISSUER"
    | "OIDC_CLIENT_ID"
    | "OIDC_CLIENT_SECRET"
    | "OIDC_NAME"
    | "JWT_AUDIENCE"
    | "JWT_MINUTES"
    | "JWT_ROTATION_DAYS"
    | "ADMIN_EMAIL"
    | "ADMIN_PASSWORD"
    | "QUEUE_PREFIX"
  >;
};

export type Auth = {
  /** better-auth: everything under /api/auth but what has a door of its own. */
  handler(request: Request): Promise<Response>;
  /** A token for whom the request's cookie names. Problems: `session-missing`, `email-unverified`, `role-missing`. */
  sessionToken(headers: Headers): Promise<IssuedToken>;
  issueToken: IssueToken;
  /** For /.well-known/jwks.json. */
  keySet(): Promise<{ keys: JWK[] }>;
  passwords: Passwords;
  /** Whether the person's password may be tried once more by who has a token of theirs already. */
  mayConfirm(person: string): Promise<Verdict>;
  /** After rows of sessions were deleted. */
  forgetSessions(tokens: readonly string[]): Promise<void>;
  /** Resolves when no mail is under way. */
  mailIdle(): Promise<void>;
  close(limitMs: number): Promise<void>;
};

/** Each costs a scrypt, and a stolen token must not guess for ten minutes at the account's whole rate. */
const confirmations = { window: 900, max: 5 };

export type Passwords = { hash(password: string): Promise<string>; verify(given: { hash: string; password: string }): Promise<boolean> };

export async function authOf({ db, redis, log, config }: AuthOptions): Promise<Auth> {
  const prefix = `${config.QUEUE_PREFIX}:people:`;
  const onError = (err: unknown) => log.warn({ err }, "people: redis is away");
  const counted = attempts({ redis, prefix, onError });
  const cache = sessionCache({ redis, prefix, onError });
  const mails = post({ mail: config.MAIL, smtpUrl: config.SMTP_URL, from: config.MAIL_FROM, log });
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, OIDC_NAME: name } = config;

  const secrets = { secret: config.AUTH_SECRET, also: config.AUTH_SECRET_ALSO };
  const auth = people({
    db,
    cache,
    attempts: counted,
    post: mails,
    log,
    publicUrl: config.PUBLIC_URL,
    trustedOrigins: config.TRUSTED_ORIGINS,
    secrets,
    signUp: config.SIGNUP,
    ...(issuer && clientId && { oidc: { issuer, clientId, name, ...(clientSecret && { clientSecret }) } }),
  });
  /** With cookies that better-auth knows, whichever secret signed them. */
  const ours = (given: Headers) => {
    const cookies = given.get("cookie");
    if (cookies === null || secrets.also === undefined) return given;
    const headers = new Headers(given);
    headers.set("cookie", resigned(cookies, secrets));
    return headers;
  };
  const context = await auth.$context;
  const passwords: Passwords = context.password;
  const forgetSessions = (tokens: readonly string[]) => cache.forget(tokens);
  await firstAdministrator({ db, hash: passwords.hash, forgetSessions }, { email: config.ADMIN_EMAIL, password: config.ADMIN_PASSWORD });

  const times = keyTimes(config.JWT_ROTATION_DAYS);
  const issueToken = tokenIssuer({
    db,
    // Its functions for keys read nothing but `context` of what an endpoint gets.
    context: { context } as unknown as AuthContext,
    jwt: jwtOptions,
    times,
    issuer: config.PUBLIC_URL,
    audience: config.JWT_AUDIENCE,
    minutes: config.JWT_MINUTES,
  });
  return {
    handler: (request) => auth.handler(new Request(request, { headers: ours(request.headers) })),
    async sessionToken(given) {
      const found = await auth.api.getSession({ headers: ours(given) });
      if (!found) throw new Problem("session-missing");
      return sessionToken({ db, issueToken }, found.session);
    },
    issueToken,
    keySet: () => publishedKeys({ db, times }),
    passwords,
    mayConfirm: (person) => counted.consume(`confirm:${person}`, confirmations),
    forgetSessions,
    mailIdle: () => mails.idle(),
    close: (limitMs) => {
      cache.close();
      return mails.close(limitMs);
    },
  };
}
