import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { exec } from "../exec.ts";

const scanBytesMax = 50_000_000;

/** PostScript names of a PDF's fonts, without their subset tags. */
export async function pdfFonts(path: string, signal: AbortSignal): Promise<string[]> {
  // LibreOffice writes font dictionaries in the clear, and reading them costs a hundredth of a process
  const scanned = statSync(path).size <= scanBytesMax ? baseFonts(readFileSync(path, "latin1")) : [];
  if (scanned.length > 0) return scanned;
  const { stdout } = await exec({ command: "/usr/bin/pdffonts", args: [path], cwd: dirname(path), signal, limits: { cpuSeconds: 10 } });
  signal.throwIfAborted();
  return [
    ...new Set(
      stdout
        .split("\n")
        .slice(2)
        .map((line) => untagged(line.split(/\s/)[0] ?? "")),
    ),
  ].filter(Boolean);
}

export function baseFonts(pdf: string): string[] {
  return [...new Set([...pdf.matchAll(/\/BaseFont\s*\/([^\s/<>[\]()]+)/g)].map((match) => untagged(match[1] ?? "")))];
}

const untagged = (name: string): string => name.replace(/^[A-Z]{6}\+/, "");
