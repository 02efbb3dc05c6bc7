// css.mjs: reads an array of {Name, HTML} from standard input, has caniemail say
// what the mail programs below make of each, and writes {Findings, Accepted}:
// findings are what css-reasons.mjs gives no reason for, and reasons that nothing
// needs any more.
//
// Each mail is looked at twice: bare, without its style sheets, as the poorest
// program shows it, and whole.
import { readFileSync } from "node:fs";
import { caniemail } from "caniemail";
import { clients, reasons } from "./css-reasons.mjs";

const sheets = /<style[\s\S]*?<\/style>|<meta name="(supported-)?color-schemes?"[^>]*>/g;
const used = new Map();
const findings = new Map();

function look(Name, part, html) {
  const { issues } = caniemail({ clients, html });
  for (const kind of ["errors", "warnings"]) {
    for (const [client, found] of issues[kind]) {
      for (const { title, notes } of found) {
        const reason = reasonFor(part, kind, title, client);
        if (!reason) find(Name, part, kind, title, (notes ?? []).join(" ")).Clients.add(client);
      }
    }
  }
}

// find gives what is said of a title in the first mail that has it.
function find(Name, Part, Kind, Title, Text) {
  const key = [Part, Kind, Title].join(" ");
  if (!findings.has(key)) findings.set(key, { Name, Part, Kind, Title, Text, Clients: new Set() });
  return findings.get(key);
}

// reasonFor finds the reason that a part has for what it uses. What is fine bare is
// fine in the whole.
function reasonFor(part, kind, title, client) {
  for (const from of part === "bare" ? ["bare"] : ["bare", "whole"]) {
    const reason = reasons[from][kind][title];
    if (reason && (!reason.clients || reason.clients.includes(client))) {
      const key = [from, kind, title].join(" ");
      if (!used.has(key)) used.set(key, { Part: from, Kind: kind, Title: title, Clients: new Set(), Why: reason.why ?? reason });
      used.get(key).Clients.add(client);
      return reason;
    }
  }
  return undefined;
}

for (const { Name, HTML } of JSON.parse(readFileSync(0, "utf8"))) {
  look(Name, "bare", HTML.replace(sheets, ""));
  look(Name, "whole", HTML);
}
for (const part of ["bare", "whole"]) {
  for (const kind of ["errors", "warnings"]) {
    for (const title of Object.keys(reasons[part][kind])) {
      if (!used.has([part, kind, title].join(" "))) {
        find("css-reasons.mjs", part, kind, title, "no mail needs this reason any more");
      }
    }
  }
}
const listed = (all) => [...all.values()].map((one) => ({ ...one, Clients: [...one.Clients].sort() }));
process.stdout.write(JSON.stringify({ Findings: listed(findings), Accepted: listed(used) }));
