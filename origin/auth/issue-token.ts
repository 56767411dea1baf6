// Our JWTs (RFC 9068): short-lived, signed by the key whose turn it is.
import { type JwtOptions, signJWT } from "better-auth/plugins";
import type { Scope } from "#contract/scopes.ts";
import { drawId } from "../caller.ts";
import type { Database } from "../db/database.ts";
import { type AuthContext, type KeyTimes, signingKey } from "./signing-keys.ts";

/** Whom a token speaks for. It never says a tier. */
export type TokenClaims = {
  account: string;
  /** The person, or the key that asks. */
  subject: string;
  scopes: readonly Scope[];
  livemode: boolean;
  /** The API key that the token was made for; when it is revoked, the token is too. */
  key?: string;
};
export type IssuedToken = { token: string; expiresInSeconds: number };
export type IssueToken = (claims: TokenClaims) => Promise<IssuedToken>;

type Options = { db: Database; context: AuthContext; jwt: JwtOptions; times: KeyTimes; issuer: string; audience: string; minutes: number };

export const tokenIssuer =
  (options: Options): IssueToken =>
  async ({ account, subject, scopes, livemode, key }) => {
    const expiresInSeconds = Math.round(options.minutes * 60);
    const iat = Math.floor(Date.now() / 1_000);
    const token = await signJWT(options.context, {
      options: options.jwt,
      header: { typ: "at+jwt" },
      signingKeyId: await signingKey(options),
      payload: {
        iss: options.issuer,
        aud: options.audience,
        sub: subject,
        iat,
        exp: iat + expiresInSeconds,
        jti: drawId("ath"),
        account,
        scope: scopes.join(" "),
        livemode,
        ...(key !== undefined && { key }),
      },
    });
    return { token, expiresInSeconds };
  };
