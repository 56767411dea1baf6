import { routes } from "#contract/openapi.ts";
import { Problem } from "#contract/problems.ts";
import type { EdgeContext } from "./context.ts";
import { writeProblem } from "./problem.ts";

const patterns = routes.map(({ method, path }) => ({
  method: method.toUpperCase(),
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`),
}));

/** The methods that a path takes; none when it is unknown. */
export function methodsOf(path: string): string[] {
  const methods = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  return methods.includes("GET") ? [...methods, "HEAD"] : methods;
}

export function noRoute(c: EdgeContext): Response {
  const methods = methodsOf(c.req.path);
  if (methods.length === 0) return writeProblem(new Problem("route-not-found"), c);
  const allow = methods.join(", ");
  c.header("Allow", allow);
  return writeProblem(new Problem("method-not-allowed", `This address takes ${allow}.`), c);
}
