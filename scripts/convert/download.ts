import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { request } from "undici";
import type { Api } from "./api.ts";

type Download = { url: string; size: number; target: string; signal: AbortSignal };

/** Fetches a result beside its target and moves it there when it is whole. */
export async function download(api: Api, { url, size, target, signal }: Download): Promise<void> {
  const location = (await api.send("GET", url)).headers.get("location");
  if (!location) throw new Error(`${url} did not say where the result lies`);
  const { statusCode, body } = await request(location, { signal });
  if (statusCode !== 200) throw new Error(`The object store answered ${statusCode}: ${(await body.text()).slice(0, 300)}`);
  const partial = join(dirname(target), `.${basename(target)}.${process.pid}.partial`);
  try {
    const file = createWriteStream(partial, { flags: "wx" });
    await pipeline(body, file, { signal });
    if (file.bytesWritten !== size) throw new Error(`The result has ${size} bytes, and ${file.bytesWritten} arrived.`);
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
}
