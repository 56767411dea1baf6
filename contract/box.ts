// The engine box's HTTP protocol, which the worker speaks and curl can:
//   POST   /tasks                       201 { task, sandbox } | 503 box-busy
//   GET    /tasks/{task}                204: says that its holder lives, which it must hear every eight seconds
//   PUT    /tasks/{task}/input          the bytes; 204
//   POST   /tasks/{task}/unlock         BoxUnlock; 200, BoxUnlocked: an encrypted input is replaced by its plaintext
//   GET    /tasks/{task}/input          the bytes of the input as it is now
//   POST   /tasks/{task}/run            BoxRun; 200, application/x-ndjson: BoxEvent lines, the last is `done` or `problem`
//   GET    /tasks/{task}/results/{n}    the bytes of result n (from 0)
//   DELETE /tasks/{task}                204; the workspace is wiped
//   GET    /health                      BoxHealth
// The task id is unguessable and the only key to the task. A task nobody speaks for is ended by the box itself.
// A document may have taken the box over: what it says is bounded here before it reaches a record, a log or a header.
import { z } from "zod";
import { EngineFacts, ResultFacts, Sandbox, Trait, Warning } from "./jobs.ts";
import { lanes } from "./operation.ts";
import { Fault, ProblemBody, type ProblemCode } from "./problems.ts";
import { control, Filename } from "./uploads.ts";

const controls = new RegExp(control, "gu");
/** For people: cut, and without what would move a terminal's cursor, turn text around or be refused by a database. */
const Text = (charactersMax: number) => z.string().transform((text) => text.slice(0, charactersMax).replace(controls, "\u{fffd}"));
const Count = z.int().min(0);
const pagesMax = 1_000_000;
const Pages = z.int().min(1).max(pagesMax);

export const BoxTask = z.object({ task: z.string().regex(/^[A-Za-z0-9_-]{32,64}$/), sandbox: Sandbox });

export const BoxUnlock = z.strictObject({ password: z.string().min(1).optional() });
export type BoxUnlock = z.infer<typeof BoxUnlock>;
/** `size` is that of the input as it is now, bytes; `pages` where the format says them, as PDF does. */
export const BoxUnlocked = z.object({ was_encrypted: z.boolean(), size: Count, pages: Pages.optional() });
export type BoxUnlocked = z.infer<typeof BoxUnlocked>;

export const BoxRun = z.strictObject({
  filename: z.string(),
  content_type: z.string(),
  /** Parsed again by the box against the operation's own schema. */
  steps: z.array(z.object({ operation: z.string(), options: z.record(z.string(), z.unknown()) })).min(1),
  /** Milliseconds until the box kills what still runs. */
  deadline_ms: z.int().positive(),
});
export type BoxRun = z.infer<typeof BoxRun>;

/** SHA-256 is left to the worker, which hashes the bytes as it stores them. */
export const BoxResult = ResultFacts.omit({ sha256: true }).extend({
  filename: Filename,
  size: Count.max(5_000_000_000),
  pages: Pages.optional(),
});
export type BoxResult = z.infer<typeof BoxResult>;

/** What a box may say of a document, and of itself. Anything else is nothing that a box can know. */
export const boxProblems = [
  "file-empty",
  "file-too-large",
  "input-type-unsupported",
  "input-type-mismatch",
  "input-damaged",
  "input-encrypted",
  "password-wrong",
  "encrypted-unsupported",
  "input-too-complex",
  "scan-incomplete",
  "pages-outside",
  "conversion-failed",
  "result-invalid",
  "result-too-large",
  "deadline-exceeded",
  "engine-crashed",
  "engine-unavailable",
  "box-busy",
  "task-not-found",
  "result-not-found",
  "internal",
  "request-invalid",
  "options-invalid",
  "operation-unknown",
  "steps-unsupported",
  "body-not-json",
  "body-too-large",
  "route-not-found",
] as const satisfies readonly ProblemCode[];

export const BoxProblem = ProblemBody.extend({
  code: z.enum(boxProblems),
  detail: Text(1_000).optional(),
  errors: z
    .array(Fault.extend({ pointer: Text(200), detail: Text(1_000) }))
    .max(20)
    .optional(),
});

const BoxFacts = EngineFacts.extend({
  versions: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,39}$/), Text(200)).refine((versions) => Object.keys(versions).length <= 20),
});

const MediaTypeName = z
  .string()
  .regex(/^[\w.+-]+\/[\w.+-]+$/)
  .max(200);
const Traits = z.array(Trait).max(Trait.options.length);

export const BoxEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("progress"), fraction: z.number().min(0).max(1) }),
  z.object({
    event: z.literal("warning"),
    warning: Warning.extend({ code: z.string().regex(/^[a-z][a-z-]{0,49}$/), detail: Text(1_000) }),
  }),
  z.object({
    event: z.literal("done"),
    /** Media type of the input, by content. */
    content_type: MediaTypeName,
    traits: Traits,
    results: z
      .array(BoxResult)
      .min(1)
      .max(10_000)
      .refine((results) => results.reduce((sum, { pages = 0 }) => sum + pages, 0) <= pagesMax),
    engine: BoxFacts,
    /** Milliseconds in the parts of the run. */
    inspected_ms: Count,
    converted_ms: Count,
    audited_ms: Count,
  }),
  z.object({ event: z.literal("problem"), problem: BoxProblem, content_type: MediaTypeName.optional(), traits: Traits.optional() }),
]);
export type BoxEvent = z.infer<typeof BoxEvent>;

/** Why a LibreOffice made way for another: it had worked, lived or grown enough; it crashed or hung; it was ended with its document, as at a deadline; processes were found that nobody started. */
export const OfficeReplacement = z.enum(["documents", "age", "memory", "crash", "ended", "intruder"]);
export type OfficeReplacement = z.infer<typeof OfficeReplacement>;

export const BoxHealth = z.object({
  slot: z.enum(["free", "busy"]),
  /** False until UnoServer has passed a real conversion, and while it is replaced. */
  ready: z.boolean(),
  lanes: z.array(z.enum(lanes)).max(lanes.length),
  engine: BoxFacts,
  office: z.object({
    starts: Count,
    documents: Count,
    replaced: z.partialRecord(OfficeReplacement, Count).default({}),
    driver: z.enum(["unoserver", "soffice"]),
  }),
});
export type BoxHealth = z.infer<typeof BoxHealth>;
