// Made by `npm run generate` from the files of this folder. Do not edit.
import { officeToPdf } from "./office-to-pdf.ts";
import { pdfToImages } from "./pdf-to-images.ts";
import { pdfToText } from "./pdf-to-text.ts";

export const operations = [officeToPdf, pdfToImages, pdfToText] as const;
