// clamd's protocol: INSTREAM and VERSION over a socket. Only an exact OK is clean; whatever else happens, nothing is.
import { connect, type Socket } from "node:net";
import type { ScanVerdict } from "#contract/jobs.ts";
import { Problem } from "#contract/problems.ts";
import { parseReply, parseVersion, type Reply, type Version } from "./replies.ts";

export type Scanner = {
  /** Starts a scan of one stream. */
  open(signal: AbortSignal): Promise<Scan>;
  /** Fails with `scanner-unavailable` unless clamd answers and has signatures that count. */
  ready(): Promise<Version>;
};

export type Scan = {
  /** Resolves when clamd can take more. It goes on resolving after clamd has hung up, because the reason is in the reply. */
  write(chunk: Uint8Array): Promise<void>;
  /** Ends the stream. Problems: `input-infected`, `scan-incomplete`, `input-encrypted`, `scanner-unavailable`. */
  verdict(): Promise<ScanVerdict>;
  abandon(): void;
};

type Options = { address: string; allowTestSignatures: boolean };
const replyBytesMax = 4_096;
const idleTimeoutMs = 130_000;
const versionKeptMs = 10_000;

export function clamd({ address, allowTestSignatures }: Options): Scanner {
  let version: { value: Promise<Version>; at: number } | undefined;

  const currentVersion = (): Promise<Version> => {
    if (!version || Date.now() - version.at > versionKeptMs) {
      const value = readVersion(address, allowTestSignatures);
      version = { value, at: Date.now() };
      value.catch(() => {
        version = undefined;
      });
    }
    return version.value;
  };

  return {
    ready: currentVersion,
    async open(signal) {
      const [{ scanner, signatures, signaturesDate }, { socket, reply }] = await Promise.all([currentVersion(), dial(address, signal)]);
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

async function readVersion(address: string, allowTestSignatures: boolean): Promise<Version> {
  const { socket, reply } = await dial(address, AbortSignal.timeout(5_000));
  await writeAll(socket, Buffer.from("zVERSION\0"));
  const version = parseVersion(await reply);
  if (!version) throw new Problem("scanner-unavailable", undefined, { cause: new Error("clamd's answer to VERSION is not one") });
  if (version.signatures === "test-only" && !allowTestSignatures) {
    throw new Problem("scanner-unavailable", undefined, {
      cause: new Error("clamd has no official signature database (ALLOW_TEST_SIGNATURES=1 accepts that)"),
    });
  }
  return version;
}

/** An open connection and the one reply that will come on it. */
async function dial(address: string, signal: AbortSignal): Promise<{ socket: Socket; reply: Promise<string> }> {
  const url = new URL(address);
  const socket = url.protocol === "unix:" ? connect({ path: url.pathname }) : connect({ host: url.hostname, port: Number(url.port) });
  const unavailable = (cause?: unknown) => new Problem("scanner-unavailable", undefined, { cause });
  const abort = () => socket.destroy(new Error("given up"));
  signal.addEventListener("abort", abort, { once: true });
  socket.setTimeout(idleTimeoutMs, () => socket.destroy(new Error("clamd was silent for too long")));

  const reply = new Promise<string>((resolve, reject) => {
    let text = "";
    let fault: unknown;
    socket.setEncoding("latin1");
    socket.on("data", (part: string) => {
      text += part;
      if (text.includes("\0") || text.length > replyBytesMax) socket.end();
    });
    socket.on("error", (error) => {
      fault = error;
    });
    // A write may fail before the reply has been read, so only the end decides.
    socket.on("close", () => {
      signal.removeEventListener("abort", abort);
      const end = text.indexOf("\0");
      if (end >= 0) resolve(text.slice(0, end));
      else reject(unavailable(fault));
    });
  });
  reply.catch(() => {});

  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("close", () => reject(unavailable(signal.reason)));
    if (signal.aborted) abort();
  });
  return { socket, reply };
}

function writeAll(socket: Socket, bytes: Uint8Array): Promise<void> {
  if (!socket.writable) return Promise.resolve();
  if (socket.write(bytes)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.once("drain", done);
    socket.once("close", done);
  });
}
