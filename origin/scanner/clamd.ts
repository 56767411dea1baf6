// clamd's protocol (clamd(8)): INSTREAM and VERSION. Only an exact OK of a clamd with fresh signatures is clean; whatever else happens, nothing is.
import type { ScanVerdict } from "#contract/jobs.ts";
import { Problem } from "#contract/problems.ts";
import { dial, writeAll } from "./connection.ts";
import { parseReply, parseVersion, type Reply, signaturesFault, type Version } from "./replies.ts";

export type Scanner = {
  /** Starts a scan of one stream, at the next clamd that takes it. */
  open(signal: AbortSignal): Promise<Scan>;
  /** Fails with `scanner-unavailable` unless some clamd answers and has signatures that count. */
  ready(): Promise<void>;
};

export type Scan = {
  /** Resolves when clamd can take more. It goes on resolving after clamd has hung up, because the reason is in the reply. */
  write(chunk: Uint8Array): Promise<void>;
  /** Ends the stream. Problems: `input-infected`, `scan-incomplete`, `input-encrypted`, `scanner-unavailable`. */
  verdict(): Promise<ScanVerdict>;
  abandon(): void;
};

type Options = {
  /** unix:/path or tcp://host:port. */
  addresses: readonly string[];
  allowTestSignatures: boolean;
  signaturesAgeMaxMs: number;
};

const versionKeptMs = 5_000;
const versionTimeoutMs = 5_000;

export function clamd({ addresses, ...rules }: Options): Scanner {
  const daemons = addresses.map((address) => daemon(address, rules));
  let turn = 0;

  async function first<T>(ask: (one: Daemon) => Promise<T>): Promise<T> {
    const offset = turn++;
    let refused: unknown;
    for (let index = 0; index < daemons.length; index++) {
      const one = daemons[(offset + index) % daemons.length];
      if (!one) break;
      try {
        return await ask(one);
      } catch (error) {
        refused = error;
      }
    }
    throw refused ?? new Problem("scanner-unavailable");
  }

  return {
    ready: async () => void (await first((one) => one.version(0))),
    open: (signal) => first((one) => one.open(signal)),
  };
}

/** `keptMs`: how old an answer may be. */
type Daemon = { version(keptMs: number): Promise<Version>; open(signal: AbortSignal): Promise<Scan> };

function daemon(address: string, rules: Omit<Options, "addresses">): Daemon {
  let known: { value: Promise<Version>; at: number } | undefined;

  const version = (keptMs: number): Promise<Version> => {
    if (!known || Date.now() - known.at >= keptMs) {
      const value = readVersion(address, rules);
      known = { value, at: Date.now() };
      value.catch(() => {
        known = undefined;
      });
    }
    return known.value;
  };

  return {
    version,
    async open(signal) {
      const { scanner, signatures, signaturesDate } = await version(versionKeptMs);
      const { socket, reply } = await dial(address, signal);
      const send = (bytes: Uint8Array) => writeAll(socket, bytes);
      await send(Buffer.from("zINSTREAM\0"));
      return {
        async write(chunk) {
          const length = Buffer.alloc(4);
          length.writeUInt32BE(chunk.byteLength);
          await send(length);
          await send(chunk);
        },
        async verdict() {
          await send(Buffer.alloc(4));
          const answer = parseReply(await reply);
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

async function readVersion(address: string, { allowTestSignatures, signaturesAgeMaxMs }: Omit<Options, "addresses">): Promise<Version> {
  const { socket, reply } = await dial(address, AbortSignal.timeout(versionTimeoutMs));
  await writeAll(socket, Buffer.from("zVERSION\0"));
  const version = parseVersion(await reply);
  const fault = version
    ? signaturesFault(version, { allowTestSignatures, ageMaxMs: signaturesAgeMaxMs, now: new Date() })
    : "its answer to VERSION is not one";
  if (!version || fault) throw new Problem("scanner-unavailable", undefined, { cause: new Error(`clamd at ${address}: ${fault}`) });
  return version;
}
