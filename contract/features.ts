// Feature flags: each operation can be switched off for a tier or for one account. What nobody switched is on.
import { z } from "zod";
import { operations } from "./operations/index.gen.ts";

export const featureNames = operations.map(({ id }) => `operation:${id}` as const);
export const FeatureName = z.enum(featureNames as [string, ...string[]]).meta({ id: "FeatureName" });
export type FeatureName = z.infer<typeof FeatureName>;

export const Features = z.partialRecord(FeatureName, z.boolean()).meta({ id: "Features" });
export type Features = z.infer<typeof Features>;

/** The account's own flags win over its tier's. */
export const effectiveFeatures = (tier: Features, account: Features): Features => ({ ...tier, ...account });
export const isOn = (features: Features, name: FeatureName): boolean => features[name] !== false;
