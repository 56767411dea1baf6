import { stat } from "node:fs/promises";
import { basename, extname, join, resolve, sep } from "node:path";

/** Where each result goes. A name that came from the service never leads out of the folder. */
export function targetsIn(folder: string, filenames: readonly string[]): string[] {
  return filenames.map((name, index) => {
    const safe = basename(name.replaceAll("\\", "/"));
    return join(folder, safe === "" || safe === "." || safe === ".." ? `result-${index + 1}` : safe);
  });
}

/** `out` is a folder (it exists as one, or ends in a slash), a file, or absent; several results for one file name are numbered. */
export async function targets(here: string, out: string | undefined, filenames: readonly string[]): Promise<string[]> {
  if (out === undefined) return targetsIn(here, filenames);
  const path = resolve(out);
  const isFolder = out.endsWith("/") || out.endsWith(sep) || ((await stat(path).catch(() => undefined))?.isDirectory() ?? false);
  if (isFolder) return targetsIn(path, filenames);
  if (filenames.length === 1) return [path];
  const extension = extname(path);
  const digits = `${filenames.length}`.length;
  return filenames.map(
    (_, index) => `${path.slice(0, path.length - extension.length)}-${`${index + 1}`.padStart(digits, "0")}${extension}`,
  );
}
