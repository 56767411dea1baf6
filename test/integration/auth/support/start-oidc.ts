import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { plainEnvironment } from "#scripts/stack/part.ts";
import { freePort } from "#scripts/stack/ports.ts";
import { type Started, startPart, temporaryFolder } from "#test/support/start-part.ts";
import { publicUrl } from "./people-house.ts";
import type { Browser } from "./person.ts";

const program = fileURLToPath(new URL("oidc-provider.ts", import.meta.url));

export async function startOidc(): Promise<Started & { variables: Record<string, string> }> {
  const port = await freePort();
  const folder = await temporaryFolder("oidc");
  const url = `http://127.0.0.1:${port}`;
  const part = {
    name: "oidc",
    command: [process.execPath, program, `${port}`, `${publicUrl}/api/auth/callback/oidc`] as const,
    environment: plainEnvironment(process.env),
    logPath: join(folder, "oidc.log"),
    probe: async (signal: AbortSignal) => {
      if (!(await fetch(`${url}/.well-known/openid-configuration`, { signal })).ok) throw new Error("not yet");
    },
    readyWithinMs: 30_000,
    stopWithinMs: 2_000,
  };
  const started = await startPart(part, { url, folder });
  const variables = {
    OIDC_ISSUER: url,
    OIDC_CLIENT_ID: "convert",
    OIDC_CLIENT_SECRET: "a client secret of the test",
    OIDC_NAME: "The firm",
  };
  return { ...started, variables };
}

/** The whole way through the provider and back, as a browser goes it. Answers where it ends, and the address it was sent to first. */
export async function signInByOidc(browser: Browser, { more = {}, change = (callback: URL) => callback } = {}) {
  const body = { provider: "oidc", callbackURL: "/home", loginHint: browser.email, ...more };
  const started = await browser.post("/sign-in/social", body);
  if (started.status !== 200) throw new Error(`no redirect: ${await started.text()}`);
  const { url: authorization } = z.object({ url: z.string() }).parse(await started.json());
  const jar = new Map<string, string>();
  let url = new URL(authorization);
  for (let hop = 0; hop < 10 && url.origin !== publicUrl; hop++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie())
      jar.set(line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1, line.indexOf(";")));
    const location = response.headers.get("location");
    if (location === null) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
    url = new URL(location, url);
  }
  const callback = change(url);
  return { authorization: new URL(authorization), callback, ended: await browser.ask("GET", callback.pathname + callback.search) };
}
