import type { ClientBase, QueryConfig } from "pg";

/** A text that came so often is prepared from then on: a migration's never is. */
const timesMin = 5;
/** So many texts at most: each takes memory in every connection. */
const textsMax = 400;

/** Of each text how often it came, and then its name. */
const texts = new Map<string, number | string>();
let names = 0;

/**
 * Has the connection prepare the statements that come again: PostgreSQL then parses them once, and plans them once where one plan is as good for all values.
 * A pooler in front of PostgreSQL has to know prepared statements, as PgBouncer does from 1.21 on.
 * Such a plan finds a partial index only when the index's condition is in the text, and not in the values.
 */
export function prepareOften(client: ClientBase): void {
  const query = client.query.bind(client) as (config: unknown, values?: unknown, ...rest: unknown[]) => unknown;
  const named = (config: unknown, values?: unknown, ...rest: unknown[]) =>
    query(hasValues(config, values) ? { ...config, name: config.name ?? nameOf(config.text) } : config, values, ...rest);
  client.query = named as ClientBase["query"];
}

/** What has none is not parsed apart: `begin` and its like. */
const hasValues = (config: unknown, values: unknown): config is QueryConfig =>
  typeof config === "object" && config !== null && "text" in config && Array.isArray(values) && values.length > 0;

function nameOf(text: string): string | undefined {
  const known = texts.get(text) ?? 0;
  if (typeof known === "string") return known;
  if (known === 0 && texts.size >= textsMax) return undefined;
  texts.set(text, known + 1 < timesMin ? known + 1 : `often-${++names}`);
  return undefined;
}
