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
      "color-scheme meta tag": {
        clients: [
          "apple-mail.ios", "gmail.android", "gmail.desktop-webmail", "gmail.ios", "gmail.mobile-webmail", "outlook.macos", "outlook.windows",
          "samsung-email.android", ...yahoo,
        ],
        why: "says that the mail has a dark scheme, for programs that drop the sheet; the others pass it over",
      },
      "aria-label attribute": {
        clients: yahoo,
        why: "in a screen reader's list of links, \"Yes\" alone says nothing: it adds the question. Where it goes, the word is left, under its question",
      },
    },
    warnings: {
      "<body> element": "becomes a div there; nothing rests on it",
      "<ul>, <ol> and <dl>": "lists are never reversed and their items never numbered by hand",
      "align attribute": "stands on cells; on the outer table it only says again what its cell does",
      background: "a colour alone, nowhere an image",
      border: "2 and 3 px, on cells; a quotation that lost its line still stands indented",
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
      "text-decoration": "none or underline, one at a time; a link that loses or gains its line still has its colour",
      "width attribute": "percentages of a table, pixels of the lane; no image",
      "width property": "on cells and tables",
    },
  },
  // What sheets add for those who know them: a dark scheme, narrower sides on a
  // phone, round corners. Every colour and size of the light scheme stands on the
  // elements. All but one property stands inside media queries.
  whole: {
    errors: {
      "color-scheme CSS property": {
        clients: ["gmail.android", "gmail.desktop-webmail", "gmail.ios", "gmail.mobile-webmail", "outlook.macos", "outlook.windows", ...yahoo],
        why: "without it Apple Mail, from 13 on, leaves the dark scheme out; who does not know it shows the light one, or darkens that itself",
      },
      "<style> element": { clients: ["gmail.mobile-webmail"], why: "a dark scheme cannot stand on elements; the sheet only adds" },
      "@media": { clients: ["gmail.mobile-webmail", "outlook.windows"], why: "nothing else tells dark from light; the light scheme, the wide sides and square corners stay" },
    },
    warnings: {
      "!important keyword": "in the sheet alone, in small letters and after a space: it has to win over what stands on the elements",
      "<style> element": "in the head, a fifth of Gmail's 16 KB; accounts of others in Gmail keep the light scheme",
      "@media": "screen, max-width and prefers-color-scheme, none in another; who knows not the last keeps the light scheme",
      "Attribute selector": "[data-ogsc] and [data-ogsb], for Outlook's own dark mode alone, in a sheet of their own",
      "border-radius": "no slashes",
      "Class selector": "the sheet only adds",
      "Descendant combinator": "for Outlook's own dark mode alone",
    },
  },
};
