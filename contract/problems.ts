// THE table of failures. Every refusal of the edge, the origin, the engine box and every failed job is one of these rows.
import { z } from "zod";

/** `never`: the same request fails again. `later`: the client may repeat it. `auto`: the service itself tries again. */
export type Retry = "never" | "later" | "auto";

type Row = { status: number; title: string; retry: Retry };

export const problems = {
  // who is calling
  "token-missing": { status: 401, title: "No bearer token was sent", retry: "never" },
  "token-invalid": { status: 401, title: "The bearer token is not valid here", retry: "never" },
  "token-expired": { status: 401, title: "The bearer token has expired", retry: "never" },
  "key-invalid": { status: 401, title: "The API key is not valid here", retry: "never" },
  "address-not-allowed": { status: 403, title: "The credential may not be used from this address", retry: "never" },
  "address-denied": { status: 403, title: "This address is not served", retry: "never" },
  "scope-missing": { status: 403, title: "The credential lacks the scope for this", retry: "never" },
  "account-suspended": { status: 403, title: "The account is suspended", retry: "never" },
  "email-unverified": { status: 403, title: "The e-mail address has not been verified", retry: "never" },
  "sign-in-failed": { status: 401, title: "The e-mail address or the password is wrong", retry: "never" },
  "sign-up-closed": { status: 403, title: "New accounts are not open to everybody here", retry: "never" },
  "session-missing": { status: 401, title: "Nobody is signed in", retry: "never" },
  "auth-refused": { status: 400, title: "The sign-in service refuses the request", retry: "never" },
  "role-missing": { status: 403, title: "Your role in the account does not allow this", retry: "never" },
  "https-required": { status: 403, title: "This service speaks HTTPS only", retry: "never" },

  // the request
  "route-not-found": { status: 404, title: "There is nothing at this address", retry: "never" },
  "method-not-allowed": { status: 405, title: "The method is not allowed here", retry: "never" },
  "body-not-json": { status: 400, title: "The body is not JSON", retry: "never" },
  "body-too-large": { status: 413, title: "The body is too large", retry: "never" },
  "content-type-unsupported": { status: 415, title: "The body must be application/json", retry: "never" },
  "request-invalid": { status: 400, title: "The request does not fit its schema", retry: "never" },
  "operation-unknown": { status: 400, title: "There is no such operation", retry: "never" },
  "options-invalid": { status: 400, title: "An option of the operation is wrong", retry: "never" },
  "inputs-unsupported": { status: 422, title: "Jobs take exactly one input for now", retry: "never" },
  "steps-unsupported": { status: 422, title: "Jobs take exactly one step for now", retry: "never" },

  // how much
  "rate-limited": { status: 429, title: "Too many requests", retry: "later" },
  "address-rate-limited": { status: 429, title: "Too many requests from this address", retry: "later" },
  "sign-in-throttled": { status: 429, title: "Too many attempts to sign in", retry: "later" },
  "jobs-queued-max": { status: 429, title: "The account has as many waiting jobs as its tier allows", retry: "later" },
  "uploads-outstanding": { status: 429, title: "Too many announced bytes wait to be used", retry: "later" },
  "quota-conversions": { status: 429, title: "The conversions of this period are used up", retry: "later" },
  "quota-bytes": { status: 429, title: "The bytes of this period are used up", retry: "later" },
  "quota-pages": { status: 429, title: "The pages of this period are used up", retry: "later" },
  "feature-off": { status: 403, title: "This operation is switched off for the account", retry: "never" },
  "test-limit": { status: 422, title: "The document is larger than a test key may convert", retry: "never" },
  "account-state-unavailable": { status: 503, title: "The account's state is not known at the moment", retry: "later" },

  // doing it once
  "idempotency-key-invalid": { status: 400, title: "The Idempotency-Key is not one", retry: "never" },
  "idempotency-in-flight": { status: 409, title: "A request with this Idempotency-Key is under way", retry: "later" },
  "idempotency-mismatch": { status: 422, title: "The Idempotency-Key was used for another request", retry: "never" },

  // accounts, keys, tiers
  "account-not-found": { status: 404, title: "There is no such account", retry: "never" },
  "account-exists": { status: 409, title: "There is an account of this name", retry: "never" },
  "account-busy": { status: 409, title: "The account has jobs that have not ended", retry: "later" },
  "deletion-unconfirmed": { status: 403, title: "The deletion was not confirmed", retry: "never" },
  "quarantine-not-found": { status: 404, title: "There is no such file in quarantine", retry: "never" },
  "key-not-found": { status: 404, title: "There is no such API key", retry: "never" },
  "keys-max": { status: 409, title: "The account has as many API keys as it may have", retry: "never" },
  "version-conflict": { status: 409, title: "It was changed by somebody else meanwhile", retry: "never" },

  // uploads
  "file-too-large": { status: 413, title: "The file is larger than the tier allows", retry: "never" },
  "file-empty": { status: 422, title: "The file is empty", retry: "never" },
  "upload-not-found": { status: 404, title: "There is no such upload", retry: "never" },
  "upload-in-use": { status: 409, title: "A job that has not ended needs the upload", retry: "later" },
  "upload-changed": { status: 409, title: "The uploaded bytes are not the ones the job was created for", retry: "never" },
  "upload-mismatch": { status: 422, title: "The uploaded bytes are not what was announced", retry: "never" },

  // jobs and results
  "job-not-found": { status: 404, title: "There is no such job", retry: "never" },
  "job-unfinished": { status: 409, title: "The job has not finished", retry: "later" },
  "result-not-found": { status: 404, title: "There is no such result", retry: "never" },
  "result-expired": { status: 410, title: "The result has been deleted", retry: "never" },

  "job-expired": { status: 422, title: "The job waited longer than it may", retry: "later" },
  "job-not-retryable": { status: 409, title: "The job cannot be tried again", retry: "never" },
  "lane-full": { status: 429, title: "Too much work is waiting", retry: "later" },

  // the gate
  "input-quarantined": { status: 422, title: "The file ended engines before and is not converted", retry: "never" },
  "input-infected": { status: 422, title: "The virus scanner found something in the file", retry: "never" },
  "scan-incomplete": { status: 422, title: "The virus scanner could not read the whole file", retry: "never" },
  "input-type-unsupported": { status: 422, title: "The operation does not accept this type of file", retry: "never" },
  "input-type-mismatch": { status: 422, title: "The file is not of the type that was announced", retry: "never" },
  "input-damaged": { status: 422, title: "The file is damaged", retry: "never" },
  "input-encrypted": { status: 422, title: "The file is encrypted and no password was given", retry: "never" },
  "password-wrong": { status: 422, title: "The password does not open the file", retry: "never" },
  "encrypted-unsupported": { status: 422, title: "The file is encrypted in a way that cannot be opened here", retry: "never" },

  // the work
  "pages-outside": { status: 422, title: "The page range is outside the document", retry: "never" },
  "input-too-complex": { status: 422, title: "The file asks for more than a conversion may use", retry: "never" },
  "deadline-exceeded": { status: 422, title: "The conversion took longer than the tier allows", retry: "never" },
  "conversion-failed": { status: 422, title: "The engine could not convert the file", retry: "never" },
  "result-invalid": { status: 500, title: "The engine's result did not pass the audit", retry: "never" },
  "result-too-large": { status: 422, title: "The results are larger than a conversion may produce", retry: "never" },
  "engine-crashed": { status: 422, title: "The engine crashed on this file", retry: "auto" },
  "engine-unavailable": { status: 503, title: "No engine is available", retry: "auto" },
  "attempts-exhausted": { status: 500, title: "The job was tried too often without an end", retry: "later" },

  // between the engine box and its worker
  "box-busy": { status: 503, title: "The engine box is busy", retry: "auto" },
  "task-not-found": { status: 404, title: "The engine box has no such task", retry: "auto" },

  // the service
  "assertion-invalid": { status: 401, title: "The request does not come from the edge", retry: "never" },
  "scanner-unavailable": { status: 503, title: "The virus scanner is not available", retry: "auto" },
  "storage-unavailable": { status: 503, title: "The object store is not available", retry: "auto" },
  "origin-unavailable": { status: 503, title: "The origin is not available", retry: "later" },
  "origin-timeout": { status: 504, title: "The origin did not answer in time", retry: "later" },
  "not-ready": { status: 503, title: "The service is not ready", retry: "later" },
  internal: { status: 500, title: "Something failed inside the service", retry: "auto" },
} as const satisfies Record<string, Row>;

export type ProblemCode = keyof typeof problems;

/** Failures that may pass: a job that meets one is handed back and tried again. */
export type TransientCode = { [Code in ProblemCode]: (typeof problems)[Code]["retry"] extends "auto" ? Code : never }[ProblemCode];
export const isTransient = (code: ProblemCode): code is TransientCode => problems[code].retry === "auto";

export const problemCodes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

/** One fault of a request: `pointer` is an RFC 6901 JSON pointer into the body, or the name of a header or query field. */
export const Fault = z.object({ pointer: z.string(), detail: z.string() });
export type Fault = z.infer<typeof Fault>;

/** RFC 9457 problem details, as sent with `application/problem+json` and stored in failed jobs. */
export const ProblemBody = z
  .object({
    type: z.string().meta({ description: "A URN that names the problem; its last part is `code`." }),
    code: z.enum(problemCodes),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional().meta({ description: "What happened this time, and how to mend it." }),
    retry: z.enum(["never", "later", "auto"]).meta({
      description: "never: the same request fails again; later: repeat it; auto: the service already tried again by itself.",
    }),
    policy: z.string().optional().meta({ description: "The rate policy or quota that was exceeded." }),
    errors: z.array(Fault).optional().meta({ description: "The faults of the request, one by one." }),
    request_id: z.string().optional(),
  })
  .meta({ id: "Problem" });
export type ProblemBody = z.infer<typeof ProblemBody>;

type ProblemOptions = { errors?: Fault[]; cause?: unknown; retryAfterSeconds?: number; policy?: string };

/** A failure with a row. `detail` is public; `cause` is for the log only. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly detail: string | undefined;
  readonly errors: Fault[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly policy: string | undefined;

  constructor(code: ProblemCode, detail?: string, options: ProblemOptions = {}) {
    super(detail ? `${code}: ${detail}` : code, { cause: options.cause });
    this.name = "Problem";
    this.code = code;
    this.detail = detail;
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.policy = options.policy;
  }

  get status(): number {
    return problems[this.code].status;
  }

  get retry(): Retry {
    return problems[this.code].retry;
  }

  /** A stored or received body as a Problem again. */
  static from(body: Pick<ProblemBody, "code" | "detail" | "errors">): Problem {
    return new Problem(body.code, body.detail, body.errors ? { errors: body.errors } : {});
  }
}

/** Anything thrown, as a Problem: what has no row is `internal`, with the original as its private cause. */
export function toProblem(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : new Problem("internal", undefined, { cause: thrown });
}

export function problemBody(problem: Problem, requestId?: string): ProblemBody {
  const { status, title, retry } = problems[problem.code];
  return {
    type: `urn:trustyconvert:problem:${problem.code}`,
    code: problem.code,
    title,
    status,
    retry,
    ...(problem.detail !== undefined && { detail: problem.detail }),
    ...(problem.policy !== undefined && { policy: problem.policy }),
    ...(problem.errors !== undefined && { errors: problem.errors }),
    ...(requestId !== undefined && { request_id: requestId }),
  };
}
