// An OpenID provider as a process of its own: node oidc-provider.ts PORT REDIRECT_URI. Who signs in is what `login_hint` says.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [port = "", redirectUri = ""] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "convert",
      client_secret: "a client secret of the test",
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["of no use elsewhere"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, email) => ({
    accountId: email,
    claims: () => ({ sub: email, email, email_verified: !email.startsWith("unverified"), name: "Olga" }),
  }),
});

const handle = provider.callback();
createServer((request, response) => {
  if (!request.url?.startsWith("/interaction/")) return void handle(request, response);
  agree(request, response).catch((error) => response.writeHead(500).end(String(error)));
}).listen(Number(port), "127.0.0.1");

/** Signs in and consents without asking. */
async function agree(...[request, response]: Parameters<Provider["interactionDetails"]>): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") return provider.interactionFinished(request, response, { login: { accountId: String(params.login_hint) } });
  const grant = new provider.Grant({ accountId: session?.accountId ?? "", clientId: String(params.client_id) });
  grant.addOIDCScope("openid email profile");
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}
