// One clamd (clamd(8)): INSTREAM and VERSION. Only an exact OK of one with fresh signatures that passed the self-test is clean; whatever else happens, nothing is.
import type { ScanVerdict } from "#contract/jobs.ts";
import { Problem } from "#contract/problems.ts";
import { chunkLength, dial, instream, writeAll } from "./connection.ts";
import { parseReply, parseVersion, type Reply, signaturesFault, type Version } from "./replies.ts";
import { selfTest } from "./self-test.ts";

export type Daemon = {
  /** `keptMs`: how old an answer may be. */
  version(keptMs: number): Promise<Version>;
  /** What its configuration lacks, as far as it was tested. */
  misfit(): string | undefined;
  open(signal: AbortSignal): Promise<Scan>;
};

export type Scan = {
  /** Resolves when clamd can take more. It goes on resolving after clamd has hung up, because the reason is in the reply. */
  write(chunk: Uint8Array): Promise<void>;
  /** Ends the stream. Problems: `input-infected`, `scan-incomplete`, `input-encrypted`, `scanner-unavailable`. */
  verdict(): Promise<ScanVerdict>;
  abandon(): void;
};

export type Rules = {
  allowTestSignatures: boolean;
  signaturesAgeMaxMs: number;
  /** Told once after each self-test that failed. */
  onMisfit?(misfit: string): void;
};

const versionKeptMs = 5_000;
const versionTimeoutMs = 5_000;
/** One that was not asked for longer may have been restarted, with another configuration. */
const unseenMaxMs = 30_000;

export function daemon(address: string, rules: Rules): Daemon {
  let known: { value: Promise<Version>; at: number } | undefined;
  let tested: { misfit: string | undefined; until: number } | undefined;

  const away = () => {
    known = undefined;
    tested = undefined;
  };
  const orAway = (signal?: AbortSignal) => (error: unknown) => {
    if (!signal?.aborted) away();
    throw error;
  };

  async function look(): Promise<Version> {
    const version = await readVersion(address, rules).catch(orAway());
    if (!tested || tested.until < Date.now()) {
      tested = { misfit: await selfTest(address).catch(orAway()), until: 0 };
      if (tested.misfit) rules.onMisfit?.(tested.misfit);
    }
    tested.until = Date.now() + unseenMaxMs;
    if (tested.misfit) throw new Problem("scanner-unavailable", undefined, { cause: new Error(tested.misfit) });
    return version;
  }

  const version = (keptMs: number): Promise<Version> => {
    if (!known || Date.now() - known.at >= keptMs) {
      const value = look();
      known = { value, at: Date.now() };
      value.catch(() => {
        known = undefined;
      });
    }
    return known.value;
  };

  return {
    version,
    misfit: () => tested?.misfit,
    async open(signal) {
      const { scanner, signatures, signaturesDate } = await version(versionKeptMs);
      const { socket, reply } = await dial(address, signal).catch(orAway(signal));
      const send = (bytes: Uint8Array) => writeAll(socket, bytes);
      await send(instream);
      return {
        async write(chunk) {
          await send(chunkLength(chunk.byteLength));
          await send(chunk);
        },
        async verdict() {
          await send(chunkLength(0));
          const answer = parseReply(await reply.catch(orAway(signal)));
          if (answer.kind === "error") away();
          if (answer.kind !== "clean") throw refusal(answer);
          return { verdict: "clean", scanner, signatures, ...(signaturesDate && { signatures_date: signaturesDate.toISOString() }) };
        },
        abandon: () => socket.destroy(),
      };
    },
  };
}

function refusal(reply: Exclude<Reply, { kind: "clean" }>): Problem {
  switch (reply.kind) {
    case "found":
      return new Problem("input-infected", `The scanner calls it ${reply.name}.`);
    case "limits":
      return new Problem("scan-incomplete", "The file goes beyond what the scanner reads.");
    case "encrypted":
      return new Problem("input-encrypted");
    case "error":
      return new Problem("scanner-unavailable", undefined, { cause: new Error(`clamd answered: ${reply.text}`) });
  }
}

async function readVersion(address: string, { allowTestSignatures, signaturesAgeMaxMs }: Rules): Promise<Version> {
  const { socket, reply } = await dial(address, AbortSignal.timeout(versionTimeoutMs));
  await writeAll(socket, Buffer.from("zVERSION\0"));
  const version = parseVersion(await reply);
  const fault = version
    ? signaturesFault(version, { allowTestSignatures, ageMaxMs: signaturesAgeMaxMs, now: new Date() })
    : "its answer to VERSION is not one";
  if (!version || fault) throw new Problem("scanner-unavailable", undefined, { cause: new Error(`clamd at ${address}: ${fault}`) });
  return version;
}
