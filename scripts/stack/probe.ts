// Health probes: real answers of the programs, never just an open port.
import { request } from "node:http";
import { connect, type NetConnectOpts } from "node:net";

/** Sends a line-protocol command and gives the first bytes of the answer. */
export function ask(where: NetConnectOpts, command: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(where);
    const abort = () => socket.destroy(new Error("no answer in time"));
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", reject);
    socket.once("close", () => {
      signal.removeEventListener("abort", abort);
      reject(new Error("the connection closed without an answer"));
    });
    socket.once("data", (bytes) => {
      resolve(bytes.toString("latin1"));
      socket.destroy();
    });
    socket.write(command);
  });
}

export async function expectAnswer(where: NetConnectOpts, command: string, answer: string, signal: AbortSignal): Promise<void> {
  const given = await ask(where, command, signal);
  if (!given.startsWith(answer)) throw new Error(`it answers ${JSON.stringify(given.slice(0, 80))}`);
}

/** GET that must answer 200; `unix:/path` and `http://host:port` addresses. The body is given back. */
export function expectOk(address: string, path: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socketPath = address.startsWith("unix:") ? address.slice("unix:".length) : undefined;
    const url = new URL(path, socketPath ? "http://localhost" : address);
    const call = request(url, { ...(socketPath && { socketPath }), signal, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${path} answers ${response.statusCode}: ${body.slice(0, 200)}`));
      });
    });
    call.on("error", reject);
    call.end();
  });
}
