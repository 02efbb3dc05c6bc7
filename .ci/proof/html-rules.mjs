// What html-validate looks for: all that it recommends and all that a reader
// without sight or without a mouse rests on, save for what has a reason here.
const extended = ["html-validate:recommended", "html-validate:document", "html-validate:a11y"];

export const rules = {
  page: {
    root: true,
    extends: extended,
    rules: {
      // The templates write <!doctype html>, which HTML holds to be the same.
      "doctype-style": "off",
      // html/template leaves a line's end where an {{if}} stood. Nobody sees it.
      "no-trailing-whitespace": "off",
      // Style and script are our own, on the same host, and named by their hash.
      "require-sri": ["error", { target: "crossorigin" }],
      // Numbers stand as their organisation writes them, each on a line of its own.
      "tel-non-breaking": "off",
      // What is wrong with a form is told before the page's heading, where reading
      // begins after sending it.
      "heading-level": ["error", { minInitialRank: "h2" }],
      // The days of the week are one list: a box each, all of one name.
      "form-dup-name": ["error", { shared: ["radio", "button", "reset", "submit", "checkbox"] }],
    },
  },
  mail: {
    root: true,
    extends: extended,
    rules: {
      "doctype-style": "off", // as above
      "no-trailing-whitespace": "off", // as above
      // Mail programs drop style sheets: what must hold stands on the element.
      "no-inline-style": "off",
      // Outlook's Word engine lays out by tables, and reads align, width,
      // cellpadding and cellspacing where it reads no CSS.
      "no-deprecated-attr": "off",
      // Its conditional comments are the only way to speak to that engine alone.
      "no-conditional-comment": "off",
      // A table that only lays out has no parts to name.
      "prefer-tbody": "off",
      // The mail program shows the subject over the mail; one without a title of its
      // own begins below that.
      "heading-level": ["error", { minInitialRank: "h2" }],
      // Older screen readers know "presentation" and not "none".
      "presentation-role-style": "off",
    },
  },
};
