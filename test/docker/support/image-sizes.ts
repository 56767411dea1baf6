import type { Project } from "./project.ts";

const images = ["origin", "engine"] as const;

/** What each image weighs, and what each of its layers adds to the one below. */
export async function imageSizes(docker: Project["docker"], tag: string): Promise<string> {
  const blocks = images.map(async (image) => {
    const name = `localhost/trustyconvert/${image}:${tag}`;
    const bytes = Number(await docker("image", "inspect", "--format", "{{.Size}}", name));
    const history = await docker("history", "--no-trunc", "--human=false", "--format", "{{.Size}}\t{{.CreatedBy}}", name);
    const layers = history
      .split("\n")
      .map((line) => line.split("\t"))
      .filter(([size]) => Number(size) >= 1_000_000)
      .map(([size, by = ""]) => `  ${megabytes(Number(size)).padStart(8)}  ${readable(by)}`);
    return [`${name}: ${megabytes(bytes)}`, ...layers].join("\n");
  });
  return (await Promise.all(blocks)).join("\n");
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
const readable = (by: string): string =>
  by
    .replace(/^RUN \|\d+ .*?\/bin\/sh -c /, "RUN ")
    .replace(/ # buildkit$/, "")
    .replaceAll(/\s+/g, " ")
    .slice(0, 100) || "the base image";
