// The console works without this script. It only tells the server the reader's zone, copies a secret that is
// shown, and ticks the boxes of a table at once.
"use strict";

const minutes = -new Date().getTimezoneOffset();
document.cookie = `usage-plan-zone=${minutes}; Path=/console; SameSite=Strict`;

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.querySelector("span").textContent = button.dataset.done;
  });
}

for (const all of document.querySelectorAll("input[data-all]")) {
  const boxes = all.closest("table").querySelectorAll("tbody .tick input");
  if (boxes.length === 0) continue;
  all.hidden = false;
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
}
