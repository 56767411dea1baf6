// LibreOffice started anew for each document, for machines without UnoServer: ten times slower, the same promise.
import { access, copyFile, rm } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { resolvePages } from "#contract/page-ranges.ts";
import { Problem } from "#contract/problems.ts";
import { exec } from "../exec.ts";
import { parsePdfInfo } from "../pdf.ts";
import type { OfficeDriver, OfficeJob, OfficeOutcome } from "./driver.ts";
import { freshProfile, officeEnvironment, type Profile } from "./profile.ts";
import { warmUpJobs } from "./warm-up.ts";

export class SofficeDriver implements OfficeDriver {
  readonly name = "soffice";
  ready = false;
  starts = 0;
  documents = 0;
  /** One that ends with its document is not replaced. */
  readonly replaced = {};
  readonly #folder: string;
  #version = "";

  constructor({ folder }: { folder: string }) {
    this.#folder = folder;
  }

  async start(): Promise<void> {
    const profile = await freshProfile(this.#folder);
    const signal = AbortSignal.timeout(120_000);
    const [job] = await warmUpJobs(profile.tmp);
    if (!job || (await this.#export(job, signal)) === false) throw new Error("soffice did not pass its warm-up");
    const { stdout } = await exec({
      command: "/usr/bin/soffice",
      args: ["--version"],
      cwd: profile.root,
      env: officeEnvironment(profile),
      signal,
    });
    this.#version = /LibreOffice ([\d.]+)/.exec(stdout)?.[1] ?? "";
    this.ready = true;
  }

  async convert(job: OfficeJob, signal: AbortSignal): Promise<OfficeOutcome> {
    if (!this.ready) throw new Problem("engine-unavailable");
    this.documents++;
    if (!(await this.#export(job, signal))) return { outcome: "load-failed" };
    if (job.pages === undefined) return { outcome: "converted" };
    // only the whole export tells how many pages there are
    const { stdout } = await exec({ command: "/usr/bin/pdfinfo", args: [job.output], cwd: this.#folder, signal });
    const pages = parsePdfInfo(stdout)?.pages ?? 0;
    const ranges = resolvePages(job.pages, pages);
    if (!ranges) return { outcome: "pages-outside", pages };
    const PageRange = ranges.map(({ first, last }) => `${first}-${last}`).join(",");
    const exported = await this.#export({ ...job, exportData: { ...job.exportData, PageRange } }, signal);
    return exported ? { outcome: "converted", pages } : { outcome: "export-failed" };
  }

  versions(): Record<string, string> {
    return this.#version ? { libreoffice: this.#version } : {};
  }

  /** None outlives its document. */
  owns(): boolean {
    return false;
  }

  distrust(): void {}

  stop(): void {
    this.ready = false;
  }

  /** False when no filter could load the document. */
  async #export(job: OfficeJob, signal: AbortSignal): Promise<boolean> {
    const profile = await freshProfile(join(this.#folder, "run"));
    return this.#exportWith(profile, job, signal).finally(() => rm(profile.root, { recursive: true, force: true }));
  }

  async #exportWith(profile: Profile, job: OfficeJob, signal: AbortSignal): Promise<boolean> {
    const output = join(profile.tmp, `${basename(job.input, extname(job.input))}.pdf`);
    for (const filter of job.importFilters) {
      this.starts++;
      const args = [
        ...["--headless", "--invisible", "--nocrashreport", "--nodefault", "--nologo", "--nofirststartwizard", "--norestore"],
        `-env:UserInstallation=file://${profile.userInstallation}`,
        `--infilter=${filter}${job.importOptions ? `:${job.importOptions}` : ""}`,
        ...["--convert-to", `pdf:${job.exportFilter}:${JSON.stringify(typed(job.exportData))}`],
        ...["--outdir", dirname(output), job.input],
      ];
      const { signal: killedBy } = await exec({
        command: "/usr/bin/soffice",
        args,
        cwd: profile.root,
        env: officeEnvironment(profile),
        signal,
      });
      signal.throwIfAborted();
      if (killedBy) throw new Problem("engine-crashed");
      const made = await access(output).then(
        () => true,
        () => false,
      );
      if (!made) continue;
      await copyFile(output, job.output);
      return true;
    }
    return false;
  }
}

function typed(data: OfficeJob["exportData"] = {}): Record<string, { type: string; value: string }> {
  const kinds = { string: "string", number: "long", boolean: "boolean" };
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, { type: kinds[typeof value as keyof typeof kinds], value: `${value}` }]), // FilterData has these three
  );
}
