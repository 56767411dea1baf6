import { Problem } from "#contract/problems.ts";
import { fileBytesMaxOfAllTiers } from "#contract/tiers.ts";
import { chunkLength, dial, instream } from "./connection.ts";
import { probes } from "./probes.ts";
import { parseReply, type Reply } from "./replies.ts";

const timeoutMs = 20_000;

/** What the configuration of a clamd lacks, so that its OK does not mean what we take it for; undefined when nothing. One that cannot be asked is `scanner-unavailable`. */
export async function selfTest(address: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  const [takesLargest, ...verdicts] = await Promise.all([
    takes(address, fileBytesMaxOfAllTiers, signal),
    ...probes(fileBytesMaxOfAllTiers).map(async ({ bytes, expected, needs }) =>
      (await scan(address, bytes, signal)) === expected ? [] : [needs],
    ),
  ]);
  const missing = [...(takesLargest ? [] : [`StreamMaxLength ${fileBytesMaxOfAllTiers} or more`]), ...verdicts.flat()];
  if (missing.length === 0) return undefined;
  return `clamd at ${address} does not scan as it must (docs/scanner.md). Its clamd.conf needs: ${missing.join("; ")}`;
}

/** clamd compares the length of a chunk with StreamMaxLength before it reads the chunk, so none is sent: to a length that it takes it says nothing. */
async function takes(address: string, bytes: number, signal: AbortSignal): Promise<boolean> {
  const { socket, reply } = await dial(address, signal);
  socket.end(Buffer.concat([instream, chunkLength(bytes)]));
  const text = await reply;
  if (text === "") return true;
  return known(parseReply(text)).kind !== "limits";
}

async function scan(address: string, bytes: Buffer, signal: AbortSignal): Promise<Reply["kind"]> {
  const { socket, reply } = await dial(address, signal);
  socket.write(Buffer.concat([instream, chunkLength(bytes.length), bytes, chunkLength(0)]));
  return known(parseReply(await reply)).kind;
}

function known(reply: Reply): Reply {
  if (reply.kind !== "error") return reply;
  throw new Problem("scanner-unavailable", undefined, { cause: new Error(`clamd answered: ${reply.text}`) });
}
