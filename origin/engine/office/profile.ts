import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

export type Profile = { root: string; userInstallation: string; tmp: string };

/** What LibreOffice may know of the environment; the proxies lead nowhere. */
export const officeEnvironment = (profile: Profile): Record<string, string> => ({
  HOME: profile.root,
  TMPDIR: profile.tmp,
  http_proxy: "http://127.0.0.1:9",
  https_proxy: "http://127.0.0.1:9",
  no_proxy: "",
  SAL_USE_VCLPLUGIN: "svp",
});

/** A fresh profile, made from the template: LibreOffice rewrites the one it uses. */
export async function freshProfile(root: string): Promise<Profile> {
  const userInstallation = join(root, "profile");
  const tmp = join(root, "tmp");
  await rm(root, { recursive: true, force: true, maxRetries: 3 }); // those who wrote there may still be dying
  await mkdir(join(userInstallation, "user"), { recursive: true });
  await mkdir(tmp);
  await copyFile(join(import.meta.dirname, "registrymodifications.xcu"), join(userInstallation, "user", "registrymodifications.xcu"));
  return { root, userInstallation, tmp };
}
