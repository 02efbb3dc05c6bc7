// css.mjs: reads an array of {Name, HTML} from standard input, has caniemail say
// what the mail programs below make of each, and writes {Findings, Accepted}:
// findings are what css-reasons.mjs gives no reason for, and reasons that nothing
// needs any more.
//
// Each mail is looked at three times: bare, without its style sheets, as the poorest
// program shows it; whole; and inside its media queries, where caniemail does not
// look by itself, for the programs that know them.
import { readFileSync } from "node:fs";
import { caniemail } from "caniemail";
import { clients, reasons } from "./css-reasons.mjs";

const sheets = /<style[\s\S]*?<\/style>/g;
const queries = /@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)\s*\}/g;
const unaware = caniemail({ clients, css: "@media screen { p { color: red } }" }).issues.errors;

const used = new Map();
const findings = new Map();

// look holds what caniemail finds against the reasons of a part; all but some programs.
function look(Name, part, source, but = new Map()) {
  const { issues } = caniemail({ clients, ...source });
  for (const kind of ["errors", "warnings"]) {
    for (const [client, found] of issues[kind]) {
      if (but.has(client)) continue;
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
  const css = [...HTML.matchAll(sheets)].flatMap(([sheet]) => [...sheet.matchAll(queries)].map(([, rules]) => rules)).join("\n");
  look(Name, "bare", { html: HTML.replace(sheets, "") });
  look(Name, "whole", { html: HTML });
  if (css) look(Name, "whole", { css }, unaware);
}
for (const part of ["bare", "whole"]) {
  for (const kind of ["errors", "warnings"]) {
    for (const [title, reason] of Object.entries(reasons[part][kind])) {
      const needed = used.get([part, kind, title].join(" "));
      if (!needed) {
        find("css-reasons.mjs", part, kind, title, "no mail needs this reason any more");
        continue;
      }
      for (const client of reason.clients ?? []) {
        if (!needed.Clients.has(client)) find("css-reasons.mjs", part, kind, title, "no mail needs this reason for it any more").Clients.add(client);
      }
    }
  }
}
const listed = (all) => [...all.values()].map((one) => ({ ...one, Clients: [...one.Clients].sort() }));
process.stdout.write(JSON.stringify({ Findings: listed(findings), Accepted: listed(used) }));
