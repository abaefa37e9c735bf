"use strict";
// What the pages do beyond htmx. Everything works without it, by hand.

// A button that copies the text of what `data-copy` names; it shows where there is a clipboard.
const offerCopying = (inside) => {
  if (!navigator.clipboard) return;
  for (const button of inside.querySelectorAll("[data-copy]")) button.hidden = false;
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
  button.textContent = "Copied";
});

document.addEventListener("htmx:afterSwap", (event) => offerCopying(event.target));
offerCopying(document);

// A part of the page that follows what happens. It waits while the keyboard is in it, or the switch is off.
const live = document.querySelector("[data-live]");
if (live) {
  const power = document.querySelector("[data-live-switch]");
  const state = document.querySelector("[data-live-state]");
  let source = null;
  const stop = () => source?.close();
  const follow = () => {
    source = new EventSource(live.dataset.live);
    source.addEventListener("part", (event) => {
      if (!live.contains(document.activeElement)) live.innerHTML = event.data;
    });
    source.addEventListener("end", () => {
      stop();
      power.checked = false;
      state.textContent = "You may not follow this any more: reload the page.";
    });
  };
  power.closest("label").hidden = false;
  power.addEventListener("change", () => (power.checked ? follow() : stop()));
  addEventListener("pagehide", stop);
  follow();
}
