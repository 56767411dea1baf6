import { z } from "zod";

/** A whole number in an address. Not `z.coerce`, which takes nothing at all for 0, so that OpenAPI would call a part of the path optional. */
export const wholeNumber = (least: number, most: number) =>
  z.preprocess((text) => (typeof text === "string" && /^\d{1,9}$/.test(text) ? Number(text) : text), z.int().min(least).max(most));
