// What `npm run check` consists of, besides the unit tests. Nothing here needs a service.
const bin = (path: string) => [process.execPath, `node_modules/${path}`];

/** Each has a small tsconfig.json, because the globals of Workers and Node clash. */
const rooms = ["contract", "edge", "origin", "origin/engine", "scripts", "test", "test/edge/worker"];

/** What was found of files that have not changed since is not sought again. */
const remembered = (room: string) => ["--incremental", "--tsBuildInfoFile", `.trusty/types/${room.replaceAll("/", "-")}.tsbuildinfo`];

export const parts: readonly { name: string; command: readonly string[] }[] = [
  { name: "generated files", command: [process.execPath, "scripts/generate.ts", "--check"] },
  { name: "lint", command: [...bin("@biomejs/biome/bin/biome"), "check", "--error-on-warnings"] },
  {
    name: "boundaries",
    command: [
      ...bin("dependency-cruiser/bin/dependency-cruiser.mjs"),
      "contract",
      "edge",
      "origin",
      "scripts",
      "test",
      "--config",
      ".dependency-cruiser.mjs",
    ],
  },
  ...rooms.map((room) => ({ name: `types of ${room}`, command: [...bin("typescript/bin/tsc"), "--project", room, ...remembered(room)] })),
  { name: "unused code", command: [...bin("knip/bin/knip.js"), "--no-progress"] },
];
