// The mail programs that every mail is held against, and why each thing that one
// of them does not know, or knows half, may stand in a mail all the same.
export const clients = ["gmail.*", "apple-mail.*", "outlook.windows", "outlook.macos", "yahoo.*", "samsung-email.*"];

const yahoo = ["yahoo.android", "yahoo.desktop-webmail", "yahoo.ios"];

// Errors name their programs: what another one lacks is looked at anew. The reason
// of a warning is good for every program.
export const reasons = {
  // What stands on the elements themselves, and in the poorest program too.
  bare: {
    errors: {
      "<body> element": {
        clients: ["outlook.macos", "yahoo.android", "yahoo.ios"],
        why: "a mail is a whole document; where the body goes, the outermost div and table carry language, direction and ground",
      },
      "aria-label attribute": {
        clients: yahoo,
        why: "it says a button's question with its answer; where it goes, the answer's word is left, under its question",
      },
      "border-radius": { clients: ["outlook.windows"], why: "corners are square there, and nothing rests on them" },
      "system-ui, ui-serif, ui-sans-serif, ui-rounded, ui-monospace": {
        clients: ["outlook.windows"],
        why: "a list of fonts goes on to Segoe UI and Arial, and a sheet for Word alone names them first",
      },
    },
    warnings: {
      "<body> element": "becomes a div there; nothing rests on it",
      "<ul>, <ol> and <dl>": "lists are never reversed and their items never numbered by hand",
      "align attribute": "stands on cells; on the outer table it only says again what its cell does",
      background: "a colour alone, nowhere an image",
      border: "2 and 3 px, on cells; a quotation that lost its line still stands indented",
      "border-radius": "no slashes",
      "dir attribute": "stands on tables, paragraphs and spans, and never on a link",
      display: "block, on a link; where that is not known the cell round it is the button",
      "font-size": "px alone",
      "font-weight": "bold and normal, no numbers",
      "lang attribute": "stands on divs, tables, paragraphs and spans too",
      "line-height": "where a line must be exact, on the lane, mso-line-height-rule says so",
      margin: "never negative, never auto; between paragraphs alone",
      "max-width": "on tables; Word gets a width of its own, and a phone is narrower anyway",
      padding: "on cells; the button's stands once more in mso-padding-alt",
      "role attribute": "on tables alone",
      "system-ui, ui-serif, ui-sans-serif, ui-rounded, ui-monospace": "system-ui for what is pressed, ui-monospace for what an author sets as code; names follow",
      "text-decoration": "none or underline, one at a time; a link that loses or gains its line still has its colour",
      "width attribute": "percentages of a table, pixels of the lane; no image",
      "width property": "on cells and tables",
    },
  },
  // What sheets add for those who know them: a dark scheme, narrower sides on a
  // phone. Every colour and size of the light scheme stands on the elements.
  whole: {
    errors: {
      "color-scheme CSS property": {
        clients: ["gmail.android", "gmail.desktop-webmail", "gmail.ios", "gmail.mobile-webmail", "outlook.macos", "outlook.windows", ...yahoo],
        why: "says that the mail has a dark scheme; who does not know it shows the light one, or darkens that itself",
      },
      "color-scheme meta tag": {
        clients: [
          "apple-mail.ios", "gmail.android", "gmail.desktop-webmail", "gmail.ios", "gmail.mobile-webmail", "outlook.macos", "outlook.windows",
          "samsung-email.android", ...yahoo,
        ],
        why: "the same, for programs that drop the sheet",
      },
      "<style> element": { clients: ["gmail.mobile-webmail"], why: "the sheet only adds" },
      "@media": { clients: ["gmail.mobile-webmail", "outlook.windows"], why: "the light scheme and the wide sides stay" },
      "Attribute selector": { clients: ["gmail.mobile-webmail", "outlook.windows"], why: "[data-ogsc] and [data-ogsb] speak to Outlook.com alone, in a sheet of their own" },
      "Chaining selectors": { clients: ["gmail.mobile-webmail", "outlook.windows"], why: "the same" },
      "Class selector": { clients: ["gmail.mobile-webmail"], why: "the sheet only adds" },
      "Descendant combinator": { clients: ["gmail.mobile-webmail"], why: "the sheet only adds" },
      "Type selector": { clients: ["gmail.mobile-webmail"], why: "the sheet only adds" },
    },
    warnings: {
      "!important keyword": "in the sheet alone, in small letters and after a space: it has to win over what stands on the elements",
      "<style> element": "in the head, a fifth of Gmail's 16 KB; accounts of others in Gmail keep the light scheme",
      "@media": "max-width and prefers-color-scheme; who knows the first alone keeps the light scheme",
      "Attribute selector": "for Outlook.com alone",
      "Chaining selectors": "the sheet only adds",
      "Class selector": "the sheet only adds",
      "Descendant combinator": "the sheet only adds",
      "Type selector": "the sheet only adds",
    },
  },
};
