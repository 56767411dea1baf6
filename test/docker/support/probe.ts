// What a program inside a container finds: run by `docker exec`, with the Node that is in the image.
import type { Project } from "./project.ts";

export type Reached = "reached" | "refused";

/** Which of the addresses (host:port) take a connection from the container. */
export async function reach(project: Project, id: string, addresses: readonly string[]): Promise<Record<string, Reached>> {
  const program = `
    const { connect } = require("node:net");
    const all = process.argv.slice(1).map((address) => new Promise((resolve) => {
      const at = address.lastIndexOf(":");
      const socket = connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)), timeout: 3000 });
      const end = (outcome) => { socket.destroy(); resolve([address, outcome]); };
      socket.once("connect", () => end("reached")).once("timeout", () => end("refused")).once("error", () => end("refused"));
    }));
    Promise.all(all).then((entries) => console.log(JSON.stringify(Object.fromEntries(entries))));`;
  return JSON.parse(await inside(project, id, program, addresses));
}

/** Runs a Node program in the container and gives what it prints. */
export function inside(project: Project, id: string, program: string, args: readonly string[] = []): Promise<string> {
  return project.exec(id, ["/usr/local/bin/node", "-e", program, "--", ...args]);
}

/** Addresses that the container's programs listen on, where others could reach them. */
export async function openDoors(project: Project, id: string): Promise<string[]> {
  const text = await inside(
    project,
    id,
    `for (const name of ["tcp", "tcp6", "udp", "udp6"]) try { console.log(name + "\\n" + require("node:fs").readFileSync("/proc/net/" + name, "latin1")) } catch {}`,
  );
  const doors: string[] = [];
  let protocol = "";
  for (const line of text.split("\n")) {
    if (/^(tcp|udp)6?$/.test(line)) protocol = line;
    const [, local = "", , state] = line.trim().split(/\s+/);
    const listens = protocol.startsWith("tcp") ? state === "0A" : state === "07";
    const [host = "", port = ""] = local.split(":");
    if (!listens || host.endsWith("7F") || host === "00000000000000000000000001000000") continue;
    doors.push(`${protocol}:${Number.parseInt(port, 16)}`);
  }
  return doors;
}
