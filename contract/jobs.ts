import { z } from "zod";
import { JobId, KeyId, UploadId } from "./ids.ts";
import type { Operation } from "./operation.ts";
import { operations } from "./operations/index.gen.ts";
import { ProblemBody } from "./problems.ts";
import { TierName } from "./tiers.ts";
import { Filename, Sha256 } from "./uploads.ts";
import { wholeNumber } from "./whole-number.ts";

export const jobStates = ["queued", "running", "succeeded", "failed", "canceled"] as const;
export const JobState = z.enum(jobStates);
export type JobState = z.infer<typeof JobState>;

/** The allowed moves. The SQL update of a move names the state, and the attempt, that it expects. */
export const jobMoves: Record<JobState, readonly JobState[]> = {
  queued: ["running", "canceled", "failed"],
  running: ["succeeded", "failed", "canceled", "queued"],
  succeeded: [],
  // Only an administrator gives a failed job one more chance.
  failed: ["queued"],
  canceled: [],
};

const unended: readonly JobState[] = ["queued", "running"];
export const isFinal = (state: JobState): boolean => !unended.includes(state);

type AnyOperation = (typeof operations)[number];
type StepSchema<O> =
  O extends Operation<infer Id, infer Options>
    ? z.ZodObject<{ operation: z.ZodLiteral<Id>; options: z.ZodPrefault<Options> }, z.core.$strict>
    : never;

const stepSchemas = (operations as readonly Operation[]).map(({ id, summary, options }) =>
  z
    .strictObject({ operation: z.literal(id), options: options.prefault({}) })
    .meta({ id: `Step_${id.replace(/\W/g, "_")}`, title: summary }),
);

/** One operation with its options: the union of all operation files. */
export const Step = z.discriminatedUnion("operation", stepSchemas as unknown as [StepSchema<AnyOperation>, ...StepSchema<AnyOperation>[]]);
export type Step = z.infer<typeof Step>;

export const JobRequest = z
  .strictObject({
    inputs: z
      .array(z.strictObject({ upload: UploadId }))
      .min(1)
      .max(100),
    steps: z.array(Step).min(1).max(20),
    expires_in: z
      .int()
      .min(1)
      .max(7 * 86_400)
      .optional()
      .meta({
        description:
          "Seconds after which the job fails with `job-expired` unless it runs; at most what the tier allows, and that without it.",
      }),
  })
  .meta({ id: "JobRequest" });
export type JobRequest = z.infer<typeof JobRequest>;

export const waitSecondsMax = 25;

/** What the edge hands to the origin: the request, with every input pinned to the bytes that were uploaded. */
export const JobOrder = z.strictObject({
  id: JobId,
  inputs: z
    .array(
      z.strictObject({
        upload: UploadId,
        key: z.string().max(512),
        /** With its quotes, as `If-Match` takes it (RFC 9110). */
        etag: z.string().max(200),
        size: z.int().positive(),
        content_type: z.string().max(200),
        filename: Filename,
        sha256: Sha256.optional(),
      }),
    )
    .min(1),
  steps: z.array(Step).min(1),
  expires_in: z.int().min(1).optional(),
});
export type JobOrder = z.infer<typeof JobOrder>;
export type JobInput = JobOrder["inputs"][number];

export const ResultFacts = z.object({
  filename: z.string(),
  content_type: z.string(),
  size: z.int(),
  sha256: Sha256,
  pages: z.int().optional(),
});
export type ResultFacts = z.infer<typeof ResultFacts>;

export const Warning = z.object({ code: z.string(), detail: z.string() }).meta({ id: "Warning" });
export type Warning = z.infer<typeof Warning>;

export const Progress = z.object({
  stage: z.enum(["waiting", "fetching", "converting", "storing", "done"]),
  fraction: z.number().min(0).max(1).meta({ description: "Of the whole job." }),
});
export type Progress = z.infer<typeof Progress>;

/** Milliseconds of each part of the run that counted; parts overlap where streams do. */
export const Timings = z.object({
  queued_ms: z.int().optional(),
  fetched_ms: z.int().optional(),
  scanned_ms: z.int().optional(),
  converted_ms: z.int().optional(),
  stored_ms: z.int().optional(),
  total_ms: z.int().optional(),
});
export type Timings = z.infer<typeof Timings>;

export const ScanVerdict = z.object({
  verdict: z.enum(["clean"]),
  scanner: z.string().meta({ examples: ["ClamAV 1.4.6"] }),
  signatures: z.string().meta({ description: "Version of the signature database, or `test-only` for one that knows just the EICAR file." }),
  signatures_date: z.iso.datetime().optional(),
});
export type ScanVerdict = z.infer<typeof ScanVerdict>;

export const Sandbox = z.enum(["bubblewrap", "container", "none"]);
export type Sandbox = z.infer<typeof Sandbox>;

export const EngineFacts = z.object({
  sandbox: Sandbox,
  versions: z.record(z.string(), z.string()),
});
export type EngineFacts = z.infer<typeof EngineFacts>;

/** What the box noticed in an input. Nothing of it is run, followed or refused. */
export const Trait = z.enum(["macros", "external-references", "embedded-objects", "executables", "archives", "encrypted"]).meta({
  id: "Trait",
  description: [
    "macros: it carries macros, which never run",
    "external-references: it points at files or addresses, which are never fetched",
    "embedded-objects: other documents or OLE objects are embedded in it",
    "executables: a program, or an OLE package that may be one, is embedded in it",
    "archives: an archive that is not a document is embedded in it",
    "encrypted: it was encrypted, and was opened with its password",
  ].join("; "),
});
export type Trait = z.infer<typeof Trait>;

export const Job = z
  .object({
    id: JobId,
    state: JobState,
    livemode: z.boolean().meta({ description: "False for jobs of test keys." }),
    tier: TierName,
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().optional(),
    finished_at: z.iso.datetime().optional(),
    queue_expires_at: z.iso.datetime().optional().meta({ description: "A job that does not run by then fails with `job-expired`." }),
    expires_at: z.iso.datetime().optional().meta({ description: "When the files of an ended job are deleted." }),
    expired: z.boolean().meta({ description: "The files have been deleted; the record stays." }),
    queue: z
      .object({
        position: z.int().min(1).meta({ description: "Roughly: jobs that will start before it, and itself." }),
        starts_in_ms: z
          .int()
          .min(0)
          .optional()
          .meta({ description: "An estimate from what the lane has done lately; absent without evidence." }),
      })
      .optional()
      .meta({ description: "While it waits." }),
    attempt: z.int().meta({ description: "How many times the job was handed to a worker." }),
    progress: Progress,
    waiting_for: z.enum(["slot", "scanner", "engine"]).optional().meta({ description: "Why a queued job does not run yet." }),
    inputs: z.array(
      z.object({
        upload: UploadId,
        filename: z.string(),
        size: z.int(),
        content_type: z.string().meta({ description: "As announced until the file was inspected, then as found." }),
        sha256: Sha256.optional(),
        traits: z.array(Trait).optional().meta({ description: "What was noticed in it; present once it was inspected." }),
      }),
    ),
    steps: z.array(z.object({ operation: z.string(), options: z.record(z.string(), z.unknown()) })),
    results: z.array(ResultFacts.extend({ url: z.string().meta({ description: "Path of the result; answers with a redirect." }) })),
    warnings: z.array(Warning),
    timings: Timings,
    scan: ScanVerdict.optional(),
    engine: EngineFacts.optional(),
    problem: ProblemBody.optional(),
  })
  .meta({ id: "Job" });
export type Job = z.infer<typeof Job>;

export const JobsQuery = z.object({
  limit: wholeNumber(1, 100).default(20),
  after: z.string().max(200).optional().meta({ description: "`next_cursor` of the page before." }),
  state: JobState.optional(),
  operation: z.string().max(100).optional(),
  key: KeyId.optional().meta({ description: "Made with this API key." }),
  name: z.string().min(1).max(255).optional().meta({ description: "Part of an input's file name, whatever its case." }),
  created_from: z.iso.datetime().optional(),
  created_to: z.iso.datetime().optional(),
});
export type JobsQuery = z.infer<typeof JobsQuery>;

/** The origin's answer about one result: where its bytes lie. Only the edge sees it. */
export const ResultLocation = z.object({ key: z.string() });
export type ResultLocation = z.infer<typeof ResultLocation>;
