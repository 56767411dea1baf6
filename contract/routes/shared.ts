// What the public routes have in common: access, problem answers, headers.
import { z } from "@hono/zod-openapi";
import { ProblemBody, type ProblemCode, problems } from "../problems.ts";
import type { Scope } from "../scopes.ts";
import { wholeNumber } from "../whole-number.ts";

export const bearer = [{ bearer: [] as string[] }];

export const anonymous: typeof bearer = [];

/** What a request is counted as, per account. */
export type RatePolicy = "requests" | "reads" | "jobs";

/** What a protected route asks of its caller; the edge reads it from the route. `anybody`: any valid credential of the account. */
export type Access = { scope: Scope | "anybody"; policies: readonly RatePolicy[] };

/** For a route's definition: its security, its scope and its rate policies, in one place. */
export const access = (scope: Access["scope"], ...policies: RatePolicy[]) => ({
  security: bearer,
  "x-access": { scope, policies } satisfies Access,
});

const everywhere = ["internal"] as const satisfies ProblemCode[];
const authenticated = [
  "token-missing",
  "token-invalid",
  "token-expired",
  "key-invalid",
  "address-not-allowed",
  "address-denied",
  "scope-missing",
  "account-suspended",
  "rate-limited",
  "address-rate-limited",
  "account-state-unavailable",
] as const satisfies ProblemCode[];
/** Problems of every route that the edge forwards. */
export const forwarded = ["origin-unavailable", "origin-timeout"] as const satisfies ProblemCode[];
/** Problems of every route that takes an Idempotency-Key. */
export const idempotent = [
  "idempotency-key-invalid",
  "idempotency-in-flight",
  "idempotency-mismatch",
  "body-not-json",
  "body-too-large",
  "content-type-unsupported",
] as const satisfies ProblemCode[];

export const IdempotencyHeader = z.object({
  "idempotency-key": z
    .string()
    .max(300)
    .optional()
    .meta({ description: "Repeats of the request within 24 hours get the first answer, marked `Idempotent-Replayed: true`." }),
});

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
/** Problem answers of a route that needs a credential. */
export const refusalsWithToken = (...codes: ProblemCode[]) => answers([...authenticated, ...codes]);

export const json = <S extends z.ZodType>(description: string, schema: S) => ({ description, content: { "application/json": { schema } } });
export const jsonBody = <S extends z.ZodType>(schema: S) => ({ body: { required: true, content: { "application/json": { schema } } } });

/** A page of a list (cursor paging). */
export const page = <S extends z.ZodType>(item: S) => z.object({ data: z.array(item), next_cursor: z.string().optional() });
export const PageQuery = z.object({
  limit: wholeNumber(1, 100).default(20),
  after: z.string().max(200).optional().meta({ description: "`next_cursor` of the page before." }),
});
