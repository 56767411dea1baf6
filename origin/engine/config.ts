// THE table of the box's environment variables. Parsed once, by main; every fault in one message.
import { z } from "zod";
import { Lane } from "#contract/operation.ts";

const MB = 1_000_000;
const bytes = (standard: number) => z.coerce.number().int().positive().default(standard);

export const variables = {
  BOX_LISTEN: {
    schema: z.string().regex(/^(unix:\/.+|tcp:\/\/([\d.]+|\[[\da-f:]+\]):\d+)$/, "must be unix:/path or tcp://address:port"),
    description: "Where the worker reaches the box.",
  },
  BOX_LANES: {
    schema: z
      .string()
      .default("office,light")
      .transform((text) => text.split(",").map((lane) => lane.trim()))
      .pipe(z.array(Lane).min(1)),
    description: "Lanes whose operations the box runs; LibreOffice is started for `office` only.",
  },
  BOX_CALLERS: {
    schema: z
      .string()
      .default("")
      .transform((text) => text.split(",").flatMap((name) => name.trim() || [])),
    description: "Names or addresses of those whose connections are taken, where boxes share a network; without it everybody's.",
  },
  BOX_CPUS: {
    schema: z.coerce.number().int().min(1).max(64).default(1),
    description: "Children that page-parallel work may start at once.",
  },
  BOX_SANDBOX: {
    schema: z.enum(["bubblewrap", "container", "none"]).default("none"),
    description: "What encloses the box; recorded with every job.",
  },
  BOX_WORKSPACE: { schema: z.string().startsWith("/").default("/work"), description: "A private directory, best on tmpfs." },
  BOX_INPUT_BYTES_MAX: {
    schema: bytes(1_000 * MB),
    description: "Largest input, and largest member of one, bytes; what clamd reads of a file.",
  },
  BOX_RESULT_BYTES_MAX: { schema: bytes(2_000 * MB), description: "Most that the results of one task may add up to, bytes." },
  BOX_GRACE_MS: {
    schema: z.coerce.number().int().min(0).default(0),
    description: "How long a task that runs may go on when the box is told to stop, milliseconds.",
  },
  UNOSERVER_PYTHON: {
    schema: z.string().optional(),
    description: "A Python that can import unoserver; without it soffice is started for each document.",
  },
  OFFICE_DOCUMENTS_MAX: {
    schema: z.coerce.number().int().min(1).default(100),
    description:
      "Documents after which LibreOffice is replaced, while idle. With 1 it is always, before the next: no document meets what another has done to it.",
  },
  OFFICE_AGE_MINUTES_MAX: {
    schema: z.coerce.number().positive().max(20_000).default(240),
    description: "Age at which LibreOffice is replaced, while idle, minutes.",
  },
  OFFICE_MEMORY_BYTES_MAX: { schema: bytes(1_200 * MB), description: "Resident memory from which LibreOffice is replaced, bytes." },
} as const satisfies Record<string, { schema: z.ZodType; description: string }>;

export type BoxConfig = { [Name in keyof typeof variables]: z.output<(typeof variables)[Name]["schema"]> };

export function parseBoxConfig(environment: Record<string, string | undefined>): BoxConfig {
  const parsed: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [name, { schema, description }] of Object.entries(variables)) {
    const result = (schema as z.ZodType).safeParse(environment[name] || undefined);
    if (result.success) parsed[name] = result.data;
    else faults.push(`  ${name}: ${result.error.issues.map((issue) => issue.message).join("; ")} (${description})`);
  }
  if (faults.length > 0) throw new Error(`The box's environment does not fit:\n${faults.join("\n")}`);
  return parsed as BoxConfig; // every key of the table was parsed by its own schema
}
