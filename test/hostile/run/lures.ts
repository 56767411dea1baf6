// What hostile documents reach for: a listener that counts who comes, and a secret in a file of this machine.
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { Lures } from "../row.ts";

export async function layLures(folder: string) {
  const secret = `secret-of-the-machine-${randomBytes(8).toString("hex")}`;
  const secretPath = join(folder, "secret.txt");
  await writeFile(secretPath, `${secret}\n`);
  let visitors = 0;
  const server = createServer((socket) => {
    visitors++;
    socket.resume(); // or it never sees the end, and the server never closes
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    socket.on("error", () => {});
  });
  await new Promise<void>((listening) => server.listen(0, "0.0.0.0", listening));
  const { port } = server.address() as AddressInfo; // a TCP listener has one
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
  const urls = ["127.0.0.1", ...(own === undefined ? [] : [own])].map((host) => `http://${host}:${port}/lure.png`);
  // A listener that nobody can reach proves nothing.
  for (const url of urls) await (await fetch(url)).arrayBuffer();
  if (visitors !== urls.length) throw new Error(`the listener counted ${visitors} of ${urls.length} visits`);
  visitors = 0;
  const lures: Lures = { urls, secretPath };
  return { lures, secret, visitors: () => visitors, close: () => new Promise<void>((closed) => server.close(() => closed())) };
}
