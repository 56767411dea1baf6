// One connection to clamd: a command, perhaps a stream, and exactly one reply.
import { connect, type Socket } from "node:net";
import { Problem } from "#contract/problems.ts";
import { socketPath } from "../socket-path.ts";

const replyBytesMax = 4_096;
const idleTimeoutMs = 130_000;

/** An open connection and the one reply that will come on it; an empty one when clamd hangs up without a word. */
export async function dial(address: string, signal: AbortSignal): Promise<{ socket: Socket; reply: Promise<string> }> {
  const path = socketPath(address);
  const { hostname: host, port } = new URL(address);
  const socket = path === undefined ? connect({ host, port: Number(port) }) : connect({ path });
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
      else if (text === "" && fault === undefined) resolve("");
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

/** Resolves when the socket can take more; a broken one takes everything, because the reason is in its reply. */
export function writeAll(socket: Socket, bytes: Uint8Array): Promise<void> {
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

export const instream = Buffer.from("zINSTREAM\0");

/** What goes before each chunk of an INSTREAM; 0 ends the stream. */
export function chunkLength(bytes: number): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}
