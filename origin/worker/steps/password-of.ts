import type { Run } from "../run.ts";

/** The password that opens the input, when the job brought one: the option of that name, which every operation on encrypted files shares. */
export function passwordOf(run: Run): string | undefined {
  const password = run.steps[0]?.options.password;
  return typeof password === "string" ? password : undefined;
}
