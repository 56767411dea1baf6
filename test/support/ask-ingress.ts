import { request } from "node:https";

/** The client's certificate, if it has one. */
export type Shown = { cert: string; key: string } | undefined;
export type Answer = { status: number; headers: Record<string, unknown>; body: string };

/** Asks an ingress on this machine by its domain's name, each time by a connection of its own. */
export const askIngress =
  ({ port, domain, authority }: { port: number; domain: string; authority: string }) =>
  (path: string, shown: Shown, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const to = { host: "127.0.0.1", port, path, servername: domain, ca: authority, agent: false };
      const asked = request({ ...to, headers: { host: domain, ...headers }, ...shown }, async (response) => {
        const body = (await response.toArray()).join("");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
      asked.on("error", reject);
      asked.end();
    });
