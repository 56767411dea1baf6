import { readdir } from "node:fs/promises";
import { join } from "node:path";

const folder = "contract/operations";

/** `office-to-pdf` exports `officeToPdf`: a file's main export bears its name. */
const exportOf = (stem: string): string => stem.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

export async function operationsIndex(root: string) {
  const files = await readdir(join(root, folder));
  const stems = files
    .filter((name) => name.endsWith(".ts") && !/\.(gen|test)\.ts$/.test(name))
    .map((name) => name.slice(0, -".ts".length))
    .sort();
  const imports = stems.map((stem) => `import { ${exportOf(stem)} } from "./${stem}.ts";`);
  const oneLine = `export const operations = [${stems.map(exportOf).join(", ")}] as const;`;
  const list =
    oneLine.length <= 140 ? oneLine : `export const operations = [\n${stems.map((stem) => `  ${exportOf(stem)},\n`).join("")}] as const;`;
  const text = `// Made by \`npm run generate\` from the files of this folder. Do not edit.\n${imports.join("\n")}\n\n${list}\n`;
  return { path: `${folder}/index.gen.ts`, text };
}
