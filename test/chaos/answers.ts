// What the clients were answered. No answer is only right while the edge itself was away.
import type { ProblemBody } from "#contract/problems.ts";

/** A connection that was opened a moment before the edge died breaks a moment after it. */
const slackMs = 2_000;

export type Answers = ReturnType<typeof openAnswers>;

export function openAnswers() {
  const problems = new Map<string, number>();
  const faults: string[] = [];
  const away: { from: number; to: number }[] = [];
  let good = 0;
  let whileAway = 0;
  return {
    good(): void {
      good++;
    },
    problem({ code }: ProblemBody): void {
      problems.set(code, (problems.get(code) ?? 0) + 1);
    },
    /** No answer, or one that is no problem of the table. */
    none(what: string, askedAt: number, how: unknown): void {
      const allowed = away.some(({ from, to }) => askedAt < to + slackMs && Date.now() > from);
      if (allowed) whileAway++;
      else faults.push(`${what} was not answered: ${how instanceof Error ? how.message : String(how)}`);
    },
    /** The edge is away from now on; answers how to say that it is back. */
    edgeGoes(): () => void {
      const period = { from: Date.now(), to: Number.POSITIVE_INFINITY };
      away.push(period);
      return () => {
        period.to = Date.now();
      };
    },
    told: () => ({ good, whileAway, problems: Object.fromEntries(problems), faults }),
  };
}
