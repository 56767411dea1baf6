import { readFileSync } from "node:fs";
import type { House } from "./house.ts";

const everyMs = 250;

/** Looks again and again whether a planted word is an argument or a variable of any process of the system. */
export function watchProcesses(house: House, words: readonly string[]) {
  const seen = new Set<string>();
  let looks = 0;
  const look = () => {
    looks++;
    for (const { pid, name } of house.processes())
      for (const file of ["cmdline", "environ"]) {
        const text = read(`/proc/${pid}/${file}`);
        for (const word of words) if (text.includes(word)) seen.add(`${JSON.stringify(word)} is in ${file} of ${name}`);
      }
  };
  const timer = setInterval(look, everyMs);
  return {
    stop(): string[] {
      clearInterval(timer);
      look();
      return looks < 2 ? ["the processes were not watched"] : [...seen];
    },
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // it ended meanwhile
  }
}
