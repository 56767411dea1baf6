// The processes of a container, as this machine's kernel describes them.
import { readFileSync } from "node:fs";
import type { Project } from "./project.ts";

export type Process = { pid: number; name: string; status: string; environment: string };

export async function processesOf(project: Pick<Project, "docker">, id: string): Promise<Process[]> {
  const [, ...rows] = (await project.docker("top", id, "-eo", "pid,comm")).split("\n");
  return rows.map((row) => {
    const [pid = "", ...name] = row.trim().split(/\s+/);
    const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, "latin1");
    return { pid: Number(pid), name: name.join(" "), status: read("status"), environment: read("environ") };
  });
}
