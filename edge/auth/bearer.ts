import { Problem } from "#contract/problems.ts";

const credentialCharactersMax = 8_192;
/** Two headers arrive joined by a comma, and fit no more than any other scheme does. */
const bearer = /^Bearer +([\w.-]+)$/i;

/** What an `Authorization` header carries: an API key or a token, still to be told apart. */
export function bearerCredential(header: string | undefined): string {
  if (header === undefined) throw new Problem("token-missing");
  if (header.length > credentialCharactersMax) throw new Problem("token-invalid", undefined, { cause: "longer than 8 KiB" });
  const credential = bearer.exec(header)?.[1];
  if (credential === undefined) throw new Problem("token-invalid", undefined, { cause: "not one bearer credential" });
  return credential;
}
