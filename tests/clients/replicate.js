// Replicates an event stream. Prints a line of JSON for each address that is fetched, and for each member.
// First argument: options of ldes-client, as JSON; second: the order.
import { replicateLDES } from "ldes-client";
import { Writer } from "n3";

const QUIET = 10; // polls in a row without a new member
const print = (found) => console.log(JSON.stringify(found));
const [options, order] = process.argv.slice(2);
const client = replicateLDES(
  {
    ...JSON.parse(options),
    fetch: (input, init) => {
      print({ fetched: input.url ?? String(input) });
      return fetch(input, init);
    },
  },
  order,
);
const reader = client.stream({ highWaterMark: 10 }).getReader();

// Who follows never ends. Each poll comes when all pages that were asked for are there, and asks those that may still
// grow; the client may plan one twice, so a single poll without a new member tells little. To cancel drops members that
// nobody has read yet.
let [read, before, quiet] = [0, 0, 0];
client.on("poll", () => {
  quiet = client.memberCount === before ? quiet + 1 : 0;
  before = client.memberCount;
  if (quiet >= QUIET && read === before) reader.cancel();
});

for (let next = await reader.read(); !next.done; next = await reader.read()) {
  read += 1;
  const { id, timestamp, quads } = next.value;
  // The client's own command writes N3's short forms into N-Quads, which other parsers refuse.
  print({ member: id.value, time: timestamp, quads: new Writer({ format: "N-Quads" }).quadsToString(quads) });
}
