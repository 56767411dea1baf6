const linesMax = 12;

/** The first lines that one text has and the other has not, for a person to see what is stale. */
export function differences(present: string, wanted: string): string {
  const [before, after] = [present.split("\n"), wanted.split("\n")];
  const gone = before.filter((line) => !after.includes(line)).map((line) => `  - ${line}`);
  const added = after.filter((line) => !before.includes(line)).map((line) => `  + ${line}`);
  const lines = [...gone, ...added];
  if (lines.length === 0) return "  the order of lines differs";
  return lines.length <= linesMax
    ? lines.join("\n")
    : `${lines.slice(0, linesMax).join("\n")}\n  … and ${lines.length - linesMax} lines more`;
}
