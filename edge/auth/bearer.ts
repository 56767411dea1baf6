import { Problem } from "#contract/problems.ts";

const tokenCharactersMax = 8_192;
/** Two headers arrive joined by a comma, and fit no more than any other scheme does. */
const bearer = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i;

/** The token of an `Authorization` header. */
export function bearerToken(header: string | undefined): string {
  if (header === undefined) throw new Problem("token-missing");
  if (header.length > tokenCharactersMax) throw new Problem("token-invalid", undefined, { cause: "longer than 8 KiB" });
  const token = bearer.exec(header)?.[1];
  if (token === undefined) throw new Problem("token-invalid", undefined, { cause: "not one bearer token in compact form" });
  return token;
}
