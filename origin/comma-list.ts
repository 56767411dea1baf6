import { z } from "zod";

/** A variable that holds several values, separated by commas; none when it is absent. */
export const commaList = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean),
  );
