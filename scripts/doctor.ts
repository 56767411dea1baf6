// Looks at a deployment from outside and inside, and says of each part whether it is well, and what to do if not. Ends with 1 when something is wrong.
//   npm run doctor                                      the stack on this machine
//   TRUSTY_KEY=tc_live_… npm run doctor -- --edge https://api.example.com [--page https://app.example.com]
//       [--origin https://origin.example.com] [--inside URL|FILE|-] [--authority FILE] [--json]
// TRUSTY_KEY needs the scope uploads:write; --inside is what a process answers at /health/detailed; --authority is the PEM of a certificate
// authority beside the public ones. docs/deploy.md says what each row asks.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { HealthDetail } from "#contract/routes/health.ts";
import { lookAtAddress } from "./doctor/address.ts";
import { lookAtBucket } from "./doctor/bucket.ts";
import { lookAtEdge } from "./doctor/edge.ts";
import { judgeInside } from "./doctor/inside.ts";
import { lookAtOriginDoor } from "./doctor/origin-door.ts";
import { type Row, reasonOf, unknown, wrong } from "./doctor/row.ts";
import { notUnderstood, readArguments } from "./read-arguments.ts";
import { localKey } from "./stack/local-key.ts";
import { placesOf } from "./stack/places.ts";
import { bootId } from "./stack/processes.ts";
import { readSecrets } from "./stack/secrets.ts";
import { runningStack } from "./stack/stack-file.ts";

type Wanted = { edge: URL; key?: string | undefined; pages: string[]; origin?: URL; inside: string[]; authority?: string };

/** npm runs scripts in the repository; paths are meant from where the user stands. */
const pathOf = (path: string) => resolve(process.env.INIT_CWD ?? process.cwd(), path);

const marks = { ok: "ok", wrong: "WRONG", "could not tell": "?" } as const;

try {
  const text = { type: "string" } as const;
  const list = { type: "string", multiple: true, default: [] as string[] } as const;
  const { values } = readArguments(import.meta.filename, {
    options: { edge: text, origin: text, authority: text, page: list, inside: list, json: { type: "boolean", default: false } },
  });
  const authority = values.authority === undefined ? undefined : await readFile(pathOf(values.authority), "utf8");
  const named = values.edge === undefined ? await here() : { edge: address("edge", values.edge), inside: [], key: process.env.TRUSTY_KEY };
  const rows = await examine({
    ...named,
    pages: values.page,
    inside: [...named.inside, ...values.inside],
    ...(values.origin !== undefined && { origin: address("origin", values.origin) }),
    ...(authority !== undefined && { authority }),
  });
  if (values.json) console.log(JSON.stringify(rows, null, 2));
  else tell(rows);
  process.exitCode = rows.some(({ verdict }) => verdict === "wrong") ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

function address(option: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") return url;
  return notUnderstood(import.meta.filename, `--${option} is an address that begins with https://, and ${text} is none.`);
}

/** The stack on this machine, with a key that lives for a minute. */
async function here(): Promise<Pick<Wanted, "edge" | "key" | "inside">> {
  const { stackFile, state, ports } = placesOf(process.env);
  const stack = runningStack(stackFile, bootId());
  if (stack === undefined)
    throw new Error("Nothing runs on this machine; say which edge to look at: npm run doctor -- --edge https://api.example.com");
  const inside = [`http://127.0.0.1:${ports.metrics}/health/detailed`];
  const { edgeKey } = await readSecrets(state);
  const key = await localKey({ originPort: ports.origin, edgeKey }, { account: "doctor", tier: "free", minutes: 1 }).catch(() => undefined);
  return { edge: new URL(stack.address), inside, key: key?.key };
}

async function examine({ edge, key, pages, origin, inside, authority }: Wanted): Promise<Row[]> {
  const [address, { rows, version }] = await Promise.all([lookAtAddress(edge, authority), lookAtEdge(edge)]);
  const outside = [...address, ...rows, ...(version === undefined ? [] : await lookAtBucket(edge, key, pages))];
  const door =
    origin === undefined ? [unknown("origin's door", "not asked", "--origin https://origin.example.com")] : await lookAtOriginDoor(origin);
  const told = await Promise.all(inside.map((from) => lookInside(from, version)));
  const none =
    inside.length === 0
      ? [unknown("inside", "not asked", "--inside with what a process answers at /health/detailed (docs/deploy.md).")]
      : [];
  return [...outside, ...door, ...told.flat(), ...none];
}

async function lookInside(from: string, edgeVersion: string | undefined): Promise<Row[]> {
  try {
    const text = /^https?:/.test(from)
      ? await (await fetch(from, { signal: AbortSignal.timeout(8_000) })).text()
      : await readFile(from === "-" ? "/dev/stdin" : pathOf(from), "utf8");
    const detail = HealthDetail.safeParse(JSON.parse(text));
    if (!detail.success) throw new Error(`something else: ${detail.error.issues[0]?.path.join(".")} is not as expected`);
    return judgeInside(detail.data, edgeVersion);
  } catch (error) {
    return [
      wrong(
        `inside ${from}`,
        reasonOf(error),
        "It must be the answer of /health/detailed; METRICS_PORT and METRICS_HOST say where that is.",
      ),
    ];
  }
}

function tell(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({ check }) => check.length));
  for (const { check, verdict, found, mend } of rows) {
    console.log(`${marks[verdict].padEnd(5)}  ${check.padEnd(width)}  ${found}`);
    if (mend !== undefined) console.log(`${" ".repeat(width + 9)}→ ${mend}`);
  }
  const count = (verdict: Row["verdict"]) => rows.filter((row) => row.verdict === verdict).length;
  console.log(`\n${count("ok")} ok, ${count("wrong")} wrong, ${count("could not tell")} could not be told.`);
}
