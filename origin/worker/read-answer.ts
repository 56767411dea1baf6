import type { z } from "zod";

/** A box's answer as JSON; one that is longer than any honest one is an error before it is in memory. */
export async function readAnswer(body: AsyncIterable<Uint8Array>, bytesMax = 100_000): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw new Error("an answer of the box is too long");
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

/** The first fault's place, of our own words only: keys below that are the box's. */
export const placeOf = ({ issues }: z.ZodError): string => issues[0]?.path.slice(0, 2).join(".") || "its form";
