// Documents that point at an address: what leaks in LibreOffice when nothing stops it.
import { zip } from "#test/fixtures/zip.ts";

const odf = "urn:oasis:names:tc:opendocument:xmlns";

export function linkingDocuments(address: string): { filename: string; bytes: Buffer }[] {
  const html = `<!DOCTYPE html><html><head><link rel="stylesheet" href="${address}"></head><body>Linked <img src="${address}"></body></html>`;
  const image = `<draw:frame svg:width="5cm" svg:height="5cm"><draw:image xlink:href="${address}" xlink:type="simple" xlink:actuate="onLoad"/></draw:frame>`;
  const odt = zip({
    mimetype: "application/vnd.oasis.opendocument.text",
    "content.xml": `<?xml version="1.0"?><office:document-content xmlns:office="${odf}:office:1.0" xmlns:text="${odf}:text:1.0" xmlns:draw="${odf}:drawing:1.0" xmlns:svg="${odf}:svg-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.3"><office:body><office:text><text:p>Linked ${image}</text:p></office:text></office:body></office:document-content>`,
    "META-INF/manifest.xml": `<?xml version="1.0"?><manifest:manifest xmlns:manifest="${odf}:manifest:1.0" manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>`,
  });
  return [
    { filename: "linked.html", bytes: Buffer.from(html) },
    { filename: "linked.odt", bytes: odt },
  ];
}
