// docker/update migrates while the previous release still runs, and leaves the schema when it goes back: a migration may take nothing from it.

/** What the previous release would not survive, and what to do instead. */
const harms: readonly [pattern: RegExp, advice: string][] = [
  [
    /\bdrop\s+(table|column|view|type|schema|sequence|function|constraint|default)\b/i,
    "drops what the previous release may use; drop it one release later",
  ],
  [/\brename\b/i, "renames what the previous release uses; add the new one, and drop the old one a release later"],
  [/\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b/i, "changes a type under the previous release; add another column"],
  [/\bset\s+not\s+null\b/i, "refuses what the previous release writes; do it one release later"],
  [/\btruncate\b|\bdelete\s+from\b/i, "deletes rows of the previous release"],
];

/** A line that says why the statement below it is safe lets it pass. */
const excuse = /^\s*--\s*previous release:\s*\S/im;

/** Of a migration's text, what the previous release would not survive. */
export function faultsForPreviousRelease(migration: string): string[] {
  const made = new Set(Array.from(migration.matchAll(/create\s+table\s+(?:if\s+not\s+exists\s+)?"(\w+)"/gi), ([, table]) => table));
  return migration
    .split(/;|--> statement-breakpoint/)
    .filter((statement) => !excuse.test(statement))
    .flatMap((statement) => {
      const bare = statement
        .replace(/--.*$/gm, "")
        .replace(/'[^']*'/g, "''")
        .replace(/\s+/g, " ")
        .trim();
      const table = /\b(?:table|on)\s+(?:only\s+)?"(\w+)"/i.exec(bare)?.[1];
      if (table !== undefined && made.has(table)) return [];
      return harmOf(bare).map((advice) => `${bare.slice(0, 100)}: ${advice}`);
    });
}

function harmOf(statement: string): string[] {
  const found = harms.filter(([pattern]) => pattern.test(statement)).map(([, advice]) => advice);
  if (
    /\badd\s+column\b/i.test(statement) &&
    /\bnot\s+null\b/i.test(statement) &&
    !/\b(default|generated|bigserial|serial)\b/i.test(statement)
  )
    found.push("a column that may not be null needs a default: the previous release does not fill it");
  if (/\badd\s+constraint\b|\bcreate\s+unique\s+index\b/i.test(statement))
    found.push("refuses rows that the previous release may write; do it one release later");
  return found;
}
