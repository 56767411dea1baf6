import { clamdSettings } from "#origin/scanner/settings.ts";

/** clamd.conf of the container: where things are there, and what the origin needs of every clamd. */
export function clamdConf() {
  const rows = {
    DatabaseDirectory: "/var/lib/clamav",
    TemporaryDirectory: "/tmp",
    TCPSocket: "3310",
    TCPAddr: "0.0.0.0",
    Foreground: "yes",
    LogTime: "yes",
    MaxThreads: "4",
    ...Object.fromEntries(Object.entries(clamdSettings()).map(([name, { value }]) => [name, value])),
  };
  const lines = Object.entries(rows).map(([name, value]) => `${name} ${value}\n`);
  return {
    path: "docker/clamav/clamd.conf",
    text: `# Made by \`npm run generate\` from origin/scanner/settings.ts. Do not edit.\n${lines.join("")}`,
  };
}
