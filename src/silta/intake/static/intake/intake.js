/* A file that is too large is refused before it is sent; without this the server refuses it. */
"use strict";

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.dataset.most) return;
  const file = input.files[0];
  const words = input.form.dataset.tooLarge;
  input.setCustomValidity(file && file.size > Number(input.dataset.most) ? words : "");
  input.reportValidity();
});
