// The fonts of the box, and what fontconfig takes for one that is not there. Asked once for each name.
import { exec } from "../exec.ts";

export type InstalledFonts = { has(name: string): boolean; substituteOf(name: string, signal: AbortSignal): Promise<string | undefined> };

const rememberedMax = 1_000;

export async function installedFonts(cwd: string): Promise<InstalledFonts> {
  const { stdout } = await exec({ command: "/usr/bin/fc-list", args: ["--format", "%{family}\n"], cwd });
  const families = new Set(stdout.split(/[\n,]/).map((name) => name.trim().toLowerCase()));
  const substitutes = new Map<string, string | undefined>();
  return {
    has: (name) => families.has(name.toLowerCase()),
    async substituteOf(name, signal) {
      if (substitutes.has(name)) return substitutes.get(name);
      const pattern = name.replace(/[\\:,-]/g, "\\$&");
      const answer = await exec({
        command: "/usr/bin/fc-match",
        args: ["--format", "%{family}", "--", pattern],
        cwd,
        signal,
        limits: { cpuSeconds: 5 },
      });
      signal.throwIfAborted();
      const substitute = answer.code === 0 ? answer.stdout.split(",")[0] || undefined : undefined;
      if (substitutes.size < rememberedMax) substitutes.set(name, substitute);
      return substitute;
    },
  };
}
