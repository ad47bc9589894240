/* What a case's page does beyond links and forms: Ctrl+Enter sends, Close empties the form's place. */
"use strict";

(() => {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest("form[data-submits]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[type=submit]"));
  });

  document.addEventListener("click", (event) => {
    const closer = event.target.closest("[data-empties]");
    if (!closer) return;
    event.preventDefault();
    document.querySelector(closer.dataset.empties).replaceChildren();
  });

  /* A form asked for from deep in the page comes into sight, and its first heading gets the focus. */
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "deed" || !event.detail.target.firstElementChild) return;
    event.detail.target.scrollIntoView({ block: "start" });
  });

  /* The link to a folded band unfolds it. */
  const unfold = () => {
    const band = window.location.hash.length > 1 && document.getElementById(window.location.hash.slice(1));
    const fold = band && band.querySelector(":scope > details");
    if (fold) fold.open = true;
  };
  window.addEventListener("hashchange", unfold);
  unfold();
})();
