// Prints what each address leads to, in the format that the client prefers: a line of JSON with the quads.
import { Writer } from "n3";
import { rdfDereferencer } from "rdf-dereference";

for (const address of process.argv.slice(2)) {
  const { data, headers } = await rdfDereferencer.dereference(address);
  const quads = [];
  for await (const quad of data) quads.push(quad);
  const written = new Writer({ format: "N-Quads" }).quadsToString(quads);
  console.log(JSON.stringify({ address, type: headers.get("content-type"), quads: written }));
}
