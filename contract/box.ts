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
import { z } from "zod";
import { EngineFacts, ResultFacts, Sandbox, Trait, Warning } from "./jobs.ts";
import { lanes } from "./operation.ts";
import { ProblemBody } from "./problems.ts";

export const BoxTask = z.object({ task: z.string().regex(/^[A-Za-z0-9_-]{32,64}$/), sandbox: Sandbox });

export const BoxUnlock = z.strictObject({ password: z.string().min(1).optional() });
export type BoxUnlock = z.infer<typeof BoxUnlock>;
/** `size` is that of the input as it is now, bytes; `pages` where the format says them, as PDF does. */
export const BoxUnlocked = z.object({ was_encrypted: z.boolean(), size: z.int(), pages: z.int().min(1).optional() });
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
export const BoxResult = ResultFacts.omit({ sha256: true });
export type BoxResult = z.infer<typeof BoxResult>;

export const BoxEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("progress"), fraction: z.number().min(0).max(1) }),
  z.object({ event: z.literal("warning"), warning: Warning }),
  z.object({
    event: z.literal("done"),
    /** Media type of the input, by content. */
    content_type: z.string(),
    traits: z.array(Trait),
    results: z.array(BoxResult).min(1),
    engine: EngineFacts,
    /** Milliseconds in the parts of the run. */
    inspected_ms: z.int(),
    converted_ms: z.int(),
    audited_ms: z.int(),
  }),
  z.object({ event: z.literal("problem"), problem: ProblemBody, content_type: z.string().optional(), traits: z.array(Trait).optional() }),
]);
export type BoxEvent = z.infer<typeof BoxEvent>;

/** Why a LibreOffice made way for another: it had worked, lived or grown enough; it crashed or hung; it was ended with its document, as at a deadline. */
export const OfficeReplacement = z.enum(["documents", "age", "memory", "crash", "ended"]);
export type OfficeReplacement = z.infer<typeof OfficeReplacement>;

export const BoxHealth = z.object({
  slot: z.enum(["free", "busy"]),
  /** False until UnoServer has passed a real conversion, and while it is replaced. */
  ready: z.boolean(),
  lanes: z.array(z.enum(lanes)),
  engine: EngineFacts,
  office: z.object({
    starts: z.int(),
    documents: z.int(),
    replaced: z.partialRecord(OfficeReplacement, z.int()).default({}),
    driver: z.enum(["unoserver", "soffice"]),
  }),
});
export type BoxHealth = z.infer<typeof BoxHealth>;
