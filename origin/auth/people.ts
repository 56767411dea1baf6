// better-auth, set up for this house: people, sessions, identities, and organisations, which are our accounts.
import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { createAuthMiddleware, isAPIError } from "better-auth/api";
import { genericOAuth, type JwtOptions, jwt } from "better-auth/plugins";
import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import { drawId } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { accounts, identities, invitations, jwks, members, sessions, users, verifications } from "../db/schema.ts";
import type { Logger } from "../log.ts";
import { accountPeople } from "./account-people.ts";
import type { Attempts } from "./attempts.ts";
import { auditTrail } from "./audit-trail.ts";
import { guessRule } from "./guess-rule.ts";
import { homeAccount, type SignUpRule } from "./home-account.ts";
import { letters } from "./letters.ts";
import type { Post } from "./mail.ts";
import { type AuthSecrets, versioned } from "./rotated-secret.ts";
import type { SessionCache } from "./session-cache.ts";
import { emailRule, personRule } from "./sign-up-rule.ts";
import { passwordLengthMax, passwordLengthMin } from "./variables.ts";

export type PeopleOptions = {
  db: Database;
  cache: SessionCache;
  attempts: Attempts;
  post: Post;
  log: Logger;
  publicUrl: string;
  trustedOrigins: readonly string[];
  secrets: AuthSecrets;
  signUp: SignUpRule;
  oidc?: { issuer: string; clientId: string; clientSecret?: string; name: string } | undefined;
};

export const basePath = "/api/auth";
/** The door sets it, over whatever a client sent. */
export const addressHeader = "x-caller-address";
export const sessionSeconds = 86_400;
/** The provider's name in paths: `/api/auth/callback/oidc`. */
export const oidcProvider = "oidc";

/** Ours answer these: tokens, their keys, and the end of accounts. The rest hands out what nobody here needs. */
const disabledPaths = [
  "/token",
  "/jwks",
  "/error",
  "/organization/delete",
  "/organization/check-slug",
  "/get-access-token",
  "/refresh-token",
];

export const jwtOptions = { jwks: { keyPairConfig: { alg: "ES256" } }, disableSettingJwtHeader: true } satisfies JwtOptions;

export function people({ db, cache, attempts, post, log, publicUrl, trustedOrigins, secrets, signUp, oidc }: PeopleOptions) {
  const schema = {
    user: users,
    session: sessions,
    account: identities,
    verification: verifications,
    organization: accounts,
    member: members,
    invitation: invitations,
    jwks,
  };
  const verified = async (userId: string) => void (await homeAccount(db, signUp, userId));

  const entryRules = createAuthMiddleware(async ({ path, body }) => {
    const email = typeof body?.email === "string" ? body.email : "";
    if (path === "/sign-up/email") await emailRule(db, signUp, email);
    if (path === "/sign-in/email") await guessRule(attempts, email);
  });

  return betterAuth({
    appName: "TrustyConvert",
    baseURL: publicUrl,
    basePath,
    secrets: versioned(secrets),
    // What older releases encrypted has no version.
    secret: secrets.secret,
    trustedOrigins: [publicUrl, ...trustedOrigins],
    disabledPaths,
    database: drizzleAdapter(db, { provider: "pg", schema }),
    secondaryStorage: cache,
    logger: {
      level: "warn",
      log: (level, message, ...rest) => log[level]({ err: rest.find((item) => item instanceof Error) }, `people: ${message}`),
    },
    // Refusals are the door's to log.
    onAPIError: { onError: (err) => void (isAPIError(err) && err.statusCode < 500 ? undefined : log.error({ err }, "people: failed")) },
    telemetry: { enabled: false },
    advanced: {
      // Said aloud, because NODE_ENV would change them.
      disableOriginCheck: false,
      disableCSRFCheck: false,
      cookiePrefix: "trusty",
      useSecureCookies: publicUrl.startsWith("https:"),
      ipAddress: { ipAddressHeaders: [addressHeader], ipv6Subnet: 64 },
      database: { generateId: ({ model }) => drawId(model === "user" ? "usr" : model === "organization" ? "acc" : "ath") },
    },
    session: { expiresIn: sessionSeconds, disableSessionRefresh: true, storeSessionInDatabase: true, cookieCache: { enabled: false } },
    // A link in a mail must survive Redis; at rest it is a hash.
    verification: { storeInDatabase: true, storeIdentifier: "hashed" },
    account: { encryptOAuthTokens: true, storeStateStrategy: "database" },
    rateLimit: {
      enabled: true,
      window: 60,
      max: 120,
      customStorage: attempts,
      customRules: {
        "/sign-in/*": { window: 60, max: 10 },
        "/sign-up/*": { window: 60, max: 5 },
        "/request-password-reset": { window: 60, max: 3 },
        "/send-verification-email": { window: 60, max: 3 },
        "/reset-password": { window: 60, max: 5 },
        "/change-password": { window: 60, max: 5 },
        "/verify-password": { window: 60, max: 5 },
        "/organization/invite-member": { window: 60, max: 20 },
      },
    },
    emailAndPassword: {
      enabled: true,
      requireEmailVerification: true,
      autoSignIn: false,
      minPasswordLength: passwordLengthMin,
      maxPasswordLength: passwordLengthMax,
      resetPasswordTokenExpiresIn: 3_600,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: async ({ user, url, token }) => {
        const returns = new URL(url).searchParams.get("callbackURL");
        post.send("reset", user.email, letters.reset(returns ? { link: url } : { code: token }));
      },
      onExistingUserSignUp: async ({ user }) => post.send("known", user.email, letters.known(publicUrl)),
      onPasswordReset: async ({ user }, request) => {
        // Who read the mail owns the address. It also ends what somebody else began with it.
        await db.update(users).set({ emailVerified: true }).where(eq(users.id, user.id));
        await verified(user.id);
        const address = request?.headers.get(addressHeader);
        await record(db, { person: user.id, ...(address && { address }) }, { action: "person.reset-password", target: user.id });
        post.send("password changed", user.email, letters.passwordChanged());
      },
    },
    emailVerification: {
      sendOnSignUp: true,
      sendOnSignIn: true,
      autoSignInAfterVerification: false,
      expiresIn: 3_600,
      sendVerificationEmail: async ({ user, url }) => post.send("verify", user.email, letters.verify(withoutEmptyReturn(url))),
      afterEmailVerification: async ({ id }) => verified(id),
    },
    user: { validateUserInfo: ({ user, source }) => personRule(db, signUp, source.action, user.email) },
    hooks: { before: entryRules, after: auditTrail(db, addressHeader) },
    databaseHooks: {
      session: {
        create: {
          before: async (session) => {
            const home = await homeAccount(db, signUp, session.userId);
            return { data: { ...session, activeOrganizationId: home ?? null } };
          },
        },
      },
    },
    plugins: [
      accountPeople({ db, post, publicUrl, signUp }),
      jwt(jwtOptions),
      ...(oidc
        ? [
            genericOAuth({
              config: [
                {
                  providerId: oidcProvider,
                  name: oidc.name,
                  discoveryUrl: `${oidc.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
                  clientId: oidc.clientId,
                  ...(oidc.clientSecret !== undefined
                    ? { clientSecret: oidc.clientSecret }
                    : { tokenEndpointAuth: { method: "none" as const } }),
                  scopes: ["openid", "email", "profile"],
                  pkce: true,
                  requireIdTokenVerification: true,
                  requireEmailVerification: true,
                },
              ],
            }),
          ]
        : []),
    ],
  });
}

/** Without a page to return to, the link answers JSON instead of leading to an address that shows nothing. */
function withoutEmptyReturn(url: string): string {
  const link = new URL(url);
  if (link.searchParams.get("callbackURL") === "/") link.searchParams.delete("callbackURL");
  return link.href;
}
