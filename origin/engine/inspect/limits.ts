// What an input may ask for before it is refused as too complex. No honest document of our corpus reaches a tenth of these.

const MB = 1_000_000;

/** Members of a container and of what is nested in it, together. */
export const membersMax = 10_000;
/** XML parts of a container and of what is nested in it, together, unpacked. */
export const xmlBytesMax = 256 * MB;
/** Honest spreadsheets pack 50:1; the most that deflate can do is 1,032:1. */
export const ratioMax = 200;
/** Below this size the ratio does not matter. */
export const ratioFloorBytes = 10 * MB;
/** A document in a document in a document. */
export const nestingMax = 3;
/** A nested container is held in memory while it is looked into. */
export const nestedBytesMax = 256 * MB;
/** libxml2 itself stops at 256 unless it is told not to. */
export const xmlDepthMax = 500;
/** Groups of RTF within each other. */
export const rtfDepthMax = 1_000;
/** A0 at 600 dpi has 560 million. */
export const imagePixelsMax = 1_000_000_000;
export const imageFramesMax = 2_000;

export type InspectLimits = {
  /** What clamd reads of one file, bytes: it says OK to a larger member without having read it. */
  memberBytesMax: number;
};

/** Of all members together, unpacked; clamd is told to read four times a file. */
export const unpackedBytesMax = ({ memberBytesMax }: InspectLimits): number => 2 * memberBytesMax;
