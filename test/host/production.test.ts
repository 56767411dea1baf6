// A production host: who gets in, and that it goes to another version, and back, while customers use it.
import { afterAll, beforeAll, describe } from "vitest";
import { ingressSuite } from "./suites/ingress.ts";
import { updateSuite } from "./suites/update.ts";
import { type Customer, customer } from "./support/customer.ts";
import { openProductionHost, type ProductionHost } from "./support/production-host.ts";
import { makeVersions } from "./support/versions.ts";

const patienceMs = 20 * 60_000;

let host: ProductionHost;
let acme: Customer;
beforeAll(async () => {
  await makeVersions();
  host = await openProductionHost();
  await host.compose("up", "-d", "--wait");
  acme = customer(host.address, await host.key("acme"));
}, patienceMs);
afterAll(() => host?.end(), 120_000);

describe("the ingress", () => ingressSuite(() => host));
describe("an update", () => updateSuite(() => ({ host, acme })));
