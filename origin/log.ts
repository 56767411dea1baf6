import { type Logger, pino } from "pino";

export type { Logger };

/** Structured logs on standard output. Names of files, passwords and bodies are never given to it. */
export function openLog(level: string, role: string): Logger {
  return pino({ level, base: { role }, timestamp: pino.stdTimeFunctions.isoTime });
}
