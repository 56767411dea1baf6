import type { InstalledFonts } from "./installed-fonts.ts";

/** What documents are set in, or what has the same widths: without them lines and pages break elsewhere. */
const wanted = ["Liberation Serif", "Liberation Sans", "Liberation Mono", "Carlito", "Caladea", "DejaVu Sans"];

/** Told beside the versions, when there is something to tell. */
export function missingFonts({ has }: Pick<InstalledFonts, "has">): Record<string, string> {
  const missing = wanted.filter((name) => !has(name));
  return missing.length > 0 ? { "fonts-missing": missing.join(", ") } : {};
}
