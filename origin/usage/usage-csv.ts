import type { Usage, UsageQuery } from "#contract/usage.ts";

/** The rows as CSV (RFC 4180). */
export function usageCsv({ data }: Usage, group: UsageQuery["group_by"]): string {
  const names = [group, "conversions", "input_bytes", "pages", "ocr_pages"] as const;
  const lines = [names, ...data.map((row) => names.map((name) => row[name]))];
  return lines.map((line) => `${line.map(csvField).join(",")}\r\n`).join("");
}

/** What a spreadsheet would take for a formula is marked as text (CWE-1236). */
export function csvField(value: string | number | null | undefined): string {
  const text = value === null || value === undefined ? "" : `${value}`;
  const safe = typeof value === "string" && /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
