import { expect, test } from "vitest";
import { problemOfExit } from "./tools.ts";

test.each([
  [{ code: 0, signal: null }, [], undefined],
  [{ code: 3, signal: null }, [3], undefined],
  [{ code: 3, signal: null }, [], "conversion-failed"],
  [{ code: null, signal: "SIGSEGV" }, [], "engine-crashed"],
  [{ code: null, signal: "SIGXCPU" }, [], "input-too-complex"],
  [{ code: null, signal: "SIGXFSZ" }, [], "result-too-large"],
] as const)("%o with the codes %o allowed is %s", (exit, okCodes, problem) => {
  expect(problemOfExit(exit, okCodes)).toBe(problem);
});
