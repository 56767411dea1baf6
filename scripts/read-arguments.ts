// What every command of `npm run` understands alike: --help prints the comment that opens its file; what is not understood changes nothing and ends with 2.
import { readFileSync } from "node:fs";
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { z } from "zod";

/** `file`: the command's own, `import.meta.filename`. */
export function readArguments<C extends ParseArgsConfig>(file: string, config: C): ReturnType<typeof parseArgs<C>> {
  if (process.argv.slice(2).some((argument) => argument === "--help" || argument === "-h")) {
    console.log(usageOf(readFileSync(file, "utf8")));
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    return notUnderstood(file, error instanceof Error ? error.message : `${error}`);
  }
}

/** `why`: a sentence, or what zod says of options. */
export function notUnderstood(file: string, why: string | Pick<z.ZodError, "issues">): never {
  const said = typeof why === "string" ? why : why.issues.map(({ path, message }) => `--${path.join(".")}: ${message}`).join("\n");
  console.error(`${said}\n\n${usageOf(readFileSync(file, "utf8"))}`);
  process.exit(2);
}

/** The comment that opens a file, without its marks. */
export function usageOf(source: string): string {
  const lines = source.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("//"));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^\/\/ ?/, ""))
    .join("\n");
}
