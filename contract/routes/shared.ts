// What the public routes have in common: security, problem answers, headers.
import type { z } from "@hono/zod-openapi";
import { ProblemBody, type ProblemCode, problems } from "../problems.ts";

export const bearer = [{ bearer: [] as string[] }];

export const anonymous: typeof bearer = [];

const everywhere = ["internal"] as const satisfies ProblemCode[];
const authenticated = ["token-missing", "token-invalid", "token-expired"] as const satisfies ProblemCode[];
/** Problems of every route that the edge forwards. */
export const forwarded = ["origin-unavailable", "origin-timeout"] as const satisfies ProblemCode[];

function answers(codes: readonly ProblemCode[]) {
  const byStatus = Object.groupBy([...new Set([...codes, ...everywhere])], (code) => problems[code].status);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, rows]) => [
      status,
      {
        description: (rows ?? []).map((code) => `\`${code}\`: ${problems[code].title}.`).join(" "),
        content: { "application/problem+json": { schema: ProblemBody } },
      },
    ]),
  );
}

/** Problem answers of a route that anybody may call. */
export const refusals = (...codes: ProblemCode[]) => answers(codes);
/** Problem answers of a route that needs a token. */
export const refusalsWithToken = (...codes: ProblemCode[]) => answers([...authenticated, ...codes]);

export const json = <S extends z.ZodType>(description: string, schema: S) => ({ description, content: { "application/json": { schema } } });
export const jsonBody = <S extends z.ZodType>(schema: S) => ({ body: { required: true, content: { "application/json": { schema } } } });
