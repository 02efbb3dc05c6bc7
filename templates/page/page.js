// Every page works without this.
"use strict";

// The quick exit takes this page's place in the history.
const leave = document.getElementById("leave");
leave.addEventListener("click", (event) => {
  event.preventDefault();
  document.body.hidden = true;
  window.location.replace(leave.href);
});

// The browser's time zone, unless one is chosen.
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
