// html.mjs page|mail: reads an array of {Name, HTML} from standard input, has
// html-validate look at each by the rules of that kind, and writes an array of
// {Name, Line, Rule, Text}.
import { readFileSync } from "node:fs";
import { HtmlValidate, StaticConfigLoader } from "html-validate";
import { rules } from "./html-rules.mjs";

const validator = new HtmlValidate(new StaticConfigLoader(rules[process.argv[2]]));
const findings = [];
for (const { Name, HTML } of JSON.parse(readFileSync(0, "utf8"))) {
  const report = await validator.validateString(HTML);
  for (const { messages } of report.results) {
    for (const m of messages) {
      findings.push({ Name, Line: m.line, Rule: m.ruleId, Text: m.message });
    }
  }
}
process.stdout.write(JSON.stringify(findings));
