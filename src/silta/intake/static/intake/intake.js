/* The place where a file is dropped or chosen. Without this the file field stands alone, and the server says the same. */
"use strict";

const size = (bytes) => {
  const [unit, step] = bytes < 1024 * 1024 ? ["kilobyte", 1024] : ["megabyte", 1024 * 1024];
  const format = { maximumFractionDigits: 1, style: "unit", unit, unitDisplay: "short" };
  return new Intl.NumberFormat(document.documentElement.lang, format).format(Math.max(0.1, bytes / step));
};

for (const area of document.querySelectorAll("[data-drop]")) {
  const input = area.querySelector("input[type=file]");
  const chosen = area.querySelector("[data-drop-chosen]");
  let depth = 0;

  const look = (note = "") => {
    const file = input.files[0];
    const isTooLarge = Boolean(file) && file.size > Number(input.dataset.most);
    const words = isTooLarge ? input.form.dataset.tooLarge : note;
    input.setCustomValidity(isTooLarge ? words : "");
    area.classList.toggle("drop--chosen", Boolean(file) && !isTooLarge);
    area.classList.toggle("drop--refused", isTooLarge);
    chosen.textContent = file ? `${chosen.dataset.words} ${file.name} (${size(file.size)}) ${words}`.trim() : "";
  };
  const over = (change) => {
    depth = Math.max(0, depth + change);
    area.classList.toggle("drop--over", depth > 0);
  };

  area.querySelector("[data-drop-words]").hidden = false;
  area.classList.add("drop--ready");
  input.addEventListener("change", () => look());
  area.addEventListener("dragenter", () => over(1));
  area.addEventListener("dragleave", () => over(-1));
  area.addEventListener("dragover", (event) => event.preventDefault());
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    over(-depth);
    if (!event.dataTransfer.files.length) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    look(event.dataTransfer.files.length > 1 ? chosen.dataset.one : "");
    input.focus();
  });
  look();
}
