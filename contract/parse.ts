// Parsing at a door: a value either fits its schema or is a Problem that points at every fault.
import type { z } from "zod";
import { type Fault, Problem, type ProblemCode } from "./problems.ts";

/** RFC 6901 pointer of a path. */
const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** Which problem a fault is, by its place: an unknown operation and a wrong option have names of their own. */
function codeOf(path: readonly PropertyKey[]): ProblemCode {
  if (path[0] !== "steps") return "request-invalid";
  if (path[2] === "operation") return "operation-unknown";
  return path[2] === "options" ? "options-invalid" : "request-invalid";
}

export function parseRequest<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const errors: Fault[] = issues.map((issue) => ({ pointer: pointerOf(issue.path), detail: issue.message }));
  const [first] = issues;
  throw new Problem(
    first ? codeOf(first.path) : "request-invalid",
    errors[0] && `${errors[0].pointer || "The body"}: ${errors[0].detail}`,
    { errors },
  );
}
