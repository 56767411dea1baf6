import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ProblemBody } from "#contract/problems.ts";
import { type Asked, type PeopleHouse, publicUrl } from "./people-house.ts";

export const newEmail = (name = "ann") => `${name}-${randomBytes(4).toString("hex")}@example.org`;
export const goodPassword = "vier-Züge-nach-Kassel";

export type Browser = {
  email: string;
  password: string;
  cookies: Map<string, string>;
  ask(method: string, path: string, asked?: Asked): Promise<Response>;
  post(path: string, body?: unknown, asked?: Asked): Promise<Response>;
  get(path: string, asked?: Asked): Promise<Response>;
  signUp(asked?: Asked): Promise<Response>;
  signIn(asked?: Asked): Promise<Response>;
  /** Opens the link of the nth mail. */
  openLink(n?: number): Promise<Response>;
  /** All of it: signed up, verified, signed in. */
  arrive(): Promise<Browser>;
  token(): Promise<string>;
  /** What the token says. */
  claims(): Promise<z.infer<typeof Claims>>;
};

/** Somebody at a browser: keeps cookies, says where the page comes from. */
export function person(house: PeopleHouse, email = newEmail()): Browser {
  const cookies = new Map<string, string>();
  const browser: Browser = {
    email,
    cookies,
    password: goodPassword,
    async ask(method: string, path: string, { headers = {}, ...asked }: Asked = {}): Promise<Response> {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const response = await house.ask(method, path, { ...asked, headers: { origin: publicUrl, ...(cookie && { cookie }), ...headers } });
      for (const line of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === "" || /max-age=0/i.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
      return response;
    },
    post: (path: string, body: unknown = {}, asked: Asked = {}) => browser.ask("POST", `/api/auth${path}`, { ...asked, body }),
    get: (path: string, asked: Asked = {}) => browser.ask("GET", `/api/auth${path}`, asked),
    signUp: (asked: Asked = {}) => browser.post("/sign-up/email", { email, password: browser.password, name: "Ann" }, asked),
    signIn: (asked: Asked = {}) => browser.post("/sign-in/email", { email, password: browser.password }, asked),
    async openLink(n = 1): Promise<Response> {
      const link = new URL(linkIn((await house.mail.nth(email, n)).text));
      return browser.ask("GET", link.pathname + link.search);
    },
    async arrive() {
      for (const step of [() => browser.signUp(), () => browser.openLink(), () => browser.signIn()]) {
        const response = await step();
        if (response.status !== 200) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
      }
      return browser;
    },
    async token(): Promise<string> {
      const response = await browser.get("/token");
      if (response.status !== 200) throw new Error(`no token: ${await response.text()}`);
      return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
    },
    async claims() {
      const [, payload = ""] = (await browser.token()).split(".");
      return Claims.parse(JSON.parse(Buffer.from(payload, "base64url").toString()));
    },
  };
  return browser;
}
export const Claims = z.looseObject({
  sub: z.string(),
  account: z.string(),
  scope: z.string(),
  livemode: z.boolean(),
  exp: z.number(),
  iat: z.number(),
});

export const linkIn = (text: string): string => /https?:\/\/\S+/.exec(text)?.[0] ?? "";

/** The code of a refusal, which must be one of ours. */
export async function refused(response: Response): Promise<string> {
  if (response.headers.get("content-type") !== "application/problem+json")
    throw new Error(`no problem: ${response.status} ${await response.text()}`);
  return ProblemBody.parse(await response.json()).code;
}
