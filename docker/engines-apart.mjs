// Prints a compose file that gives each engine a network of its own, which it shares with the worker alone, instead of one network for all:
//   node docker/engines-apart.mjs 4 1 > docker/compose.engines.yaml     four of the lane `office`, one of the lane `light`
// To be added behind compose.yaml. Docker has room for some thirty networks on a host unless it is given more.
const [office = 2, light = 1] = process.argv.slice(2).map(Number);
if (![office, light].every((count) => Number.isInteger(count) && count >= 0))
  throw new Error("two numbers: of office engines and of light ones");
const named = (prefix, count) => Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
const boxes = { engine: named("office-box", office), "engine-light": named("light-box", light) };
const all = Object.values(boxes).flat();
const addresses = (names) => names.map((name) => `dns://${name}:8790`).join(",");
const logging = 'logging: { driver: json-file, options: { max-size: 20m, max-file: "5" } }';

const services = Object.entries(boxes).flatMap(([service, names]) => [
  `  ${service}: { deploy: { replicas: 0 } }`,
  ...names.map(
    (name) =>
      `  ${name}: { extends: { file: compose.yaml, service: ${service} }, networks: !override [${name}], deploy: { replicas: 1 }, ${logging} }`,
  ),
]);
const closed =
  "{ internal: true, driver_opts: { com.docker.network.bridge.inhibit_ipv4: 'true', com.docker.network.bridge.gateway_mode_ipv4: isolated } }";
console.log(
  [
    "# Made by docker/engines-apart.mjs.",
    "services:",
    ...services,
    "  worker:",
    `    environment: { OFFICE_BOXES: '${addresses(boxes.engine)}', LIGHT_BOXES: '${addresses(boxes["engine-light"])}' }`,
    `    networks: !override [data, out, ${all.join(", ")}]`,
    "networks:",
    ...all.map((name) => `  ${name}: ${closed}`),
  ].join("\n"),
);
