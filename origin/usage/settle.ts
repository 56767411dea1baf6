import { sql } from "drizzle-orm";
import type { Database } from "../db/database.ts";
import { ledger, usagePeriods } from "../db/schema.ts";

/** What an ended job has reserved, as `amountsOf` has it; a job of a test key has no period, and costs nothing. */
const settled = sql`(
  select e.*, e.state = 'succeeded' as succeeded,
    (select coalesce(sum((i->>'size')::bigint), 0) from jsonb_array_elements(e.inputs) i) as input_bytes,
    (select string_agg(s.step->>'operation', ',' order by s.n) from jsonb_array_elements(e.steps) with ordinality s(step, n)) as operation
  from ended e where e.period is not null
)`;
const meters = ["conversions", "input_bytes", "pages", "ocr_pages"];
const list = (of: (meter: string) => string[]) => sql.raw(meters.flatMap(of).join(", "));

/**
 * Every end of a job passes here, in the statement of that end, which names the rows that it changed `ended`:
 * what a job reserved is charged when it succeeded, and given back otherwise.
 */
export function settling(db: Database) {
  const amounts = (meter: string) => (meter === "conversions" ? "1" : meter);
  const charged = db.$with("charged", {}).as(
    sql`insert into ${ledger} (job, account, key, operation, period, conversions, input_bytes, pages, ocr_pages)
      select id, account, key, operation, period, ${list((meter) => [amounts(meter)])} from ${settled} s where succeeded`,
  );
  const booked = db.$with("booked", {}).as(
    sql`insert into ${usagePeriods} (account, period, ${list((meter) => [`${meter}_reserved`, `${meter}_used`])})
      select account, period, ${list((meter) => [`0 - sum(${amounts(meter)})`, `coalesce(sum(${amounts(meter)}) filter (where succeeded), 0)`])}
      from ${settled} s group by account, period
      on conflict (account, period) do update set ${list((meter) =>
        ["reserved", "used"].map((kind) => `${meter}_${kind} = usage_periods.${meter}_${kind} + excluded.${meter}_${kind}`),
      )}`,
  );
  return [charged, booked];
}
