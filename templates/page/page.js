// Small comforts. Every page works without them.
"use strict";

// The quick exit takes this page's place in the history instead of adding one.
const leave = document.getElementById("leave");
leave.addEventListener("click", (event) => {
  event.preventDefault();
  document.body.hidden = true;
  window.location.replace(leave.href);
});

// The time zone that the browser believes to be in, unless one is chosen.
const zones = document.getElementById("time_zone");
if (zones && !zones.value) {
  const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (guess && !Array.from(zones.options).some((o) => o.value === guess)) {
    zones.add(new Option(guess.replaceAll("_", " "), guess), 1);
  }
  if (guess) {
    zones.value = guess;
  }
}
