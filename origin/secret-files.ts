// NAME_FILE: a secret that is read from a file, so that no environment shows it.
import { readFileSync } from "node:fs";

export type ReadSecret = (path: string) => string;
type Environment = Record<string, string | undefined>;

export const readSecret: ReadSecret = (path) => readFileSync(path, "utf8");

/** The environment with what the files hold, and the faults by variable. */
export function withSecretFiles(
  names: readonly string[],
  given: Environment,
  read: ReadSecret,
): { environment: Environment; faults: Map<string, string> } {
  const environment = { ...given };
  const faults = new Map<string, string>();
  for (const name of names) {
    const path = given[`${name}_FILE`];
    if (!path) continue;
    if (given[name]) faults.set(name, `  ${name} and ${name}_FILE are both set; one of them must go`);
    else {
      try {
        environment[name] = read(path).replace(/\r?\n$/, "");
        if (environment[name] === "") faults.set(name, `  ${name}_FILE: ${path} is empty`);
      } catch (error) {
        const reason = error instanceof Error && "code" in error ? ` (${error.code})` : "";
        faults.set(name, `  ${name}_FILE: ${path} cannot be read${reason}`);
      }
    }
  }
  return { environment, faults };
}
