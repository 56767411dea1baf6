/** A program of the stack: how it is started, how to tell that it works, how long it may take to stop. */
export type Part = {
  name: string;
  command: readonly [program: string, ...argv: string[]];
  /** The whole environment: nothing is inherited. */
  environment: Record<string, string>;
  logPath: string;
  /** Clears what an earlier run left, before every start. */
  beforeStart?(): void;
  /** One bounded attempt to see the part at work; throws with the reason when it is not. */
  probe(signal: AbortSignal): Promise<unknown>;
  /** Asked again and again while the part runs; a part that answered once and no longer does is killed, and so started anew. */
  alive?(signal: AbortSignal): Promise<unknown>;
  readyWithinMs: number;
  /** After SIGTERM, until the process group is killed. */
  stopWithinMs: number;
};

/** What every program gets: where programs and the home are, and a locale that reads any file name. */
export const plainEnvironment = (inherited: Record<string, string | undefined>): Record<string, string> => ({
  PATH: inherited.PATH ?? "/usr/local/bin:/usr/bin:/bin",
  HOME: inherited.HOME ?? "/tmp",
  LANG: "C.UTF-8",
  ...(inherited.TMPDIR && { TMPDIR: inherited.TMPDIR }),
});
