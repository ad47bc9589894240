/* What the pages do beyond what a form and a link do by themselves. Everything here can fail and the page still works. */
"use strict";

(() => {
  const words = () => document.getElementById("words").dataset;
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

  /* ---- keys: g then a letter goes, / searches, n writes a note, ? lists them ---- */
  let awaitsGo = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus(true);
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (Date.now() < awaitsGo) {
      awaitsGo = 0;
      const goal = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (goal) { event.preventDefault(); goal.click(); }
      return;
    }
    if (event.key === "g") { awaitsGo = Date.now() + 1500; return; }
    if (event.key === "?") { open("keys"); return; }
    const target = document.querySelector(`[data-focus-key="${CSS.escape(event.key)}"], [data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.matches("a, button, summary")) { target.click(); } else { target.focus(); if (target.select) target.select(); }
  });

  /* ---- menus and dialogs ---- */
  function closeMenus(returnsFocus, except) {
    for (const menu of all("details.menu[open]")) {
      if (menu === except) continue;
      menu.open = false;
      if (returnsFocus && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    }
  }

  function open(id) {
    const dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    closeMenus(false, event.target.closest("details.menu"));
    const opener = event.target.closest("[data-opens]");
    if (opener) { event.preventDefault(); open(opener.dataset.opens); }
    const dialog = event.target.closest("dialog");
    if (dialog && (event.target.closest("[data-closes]") || event.target === dialog)) dialog.close();
    if (event.target.closest("[data-prints]")) window.print();
    const filler = event.target.closest("[data-fills]");
    if (filler) {
      const form = document.getElementById(filler.dataset.fills);
      for (const name of ["login", "password"]) form.elements[name].value = filler.dataset[name];
    }
  });

  /* ---- a form is sent once ---- */
  const buttonsOf = (form) => all("button:not([type=button]), input[type=submit]", form);
  const isPost = (form) => form.method === "post" || form.hasAttribute("hx-post");

  function release(form) {
    delete form.dataset.sent;
    for (const button of buttonsOf(form)) button.removeAttribute("aria-disabled");
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const question = (event.submitter && event.submitter.dataset.confirm) || form.dataset.confirm;
    if (question && !window.confirm(question)) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    if (!isPost(form)) return;
    if (form.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    renewToken(form);
    if (needsCheck(form)) { event.preventDefault(); event.stopImmediatePropagation(); checkThenSend(form, event.submitter); return; }
    form.dataset.sent = "yes";
    dirty.delete(form);
    for (const button of buttonsOf(form)) button.setAttribute("aria-disabled", "true");
    // A download leaves the page standing: the form can be sent again.
    window.setTimeout(() => release(form), form.hasAttribute("data-repeatable") ? 1500 : 15000);
  }, true);
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach(release));
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest("form");
    if (form) release(form);
  });

  /* ---- what is typed is not lost: a warning, and a draft on the server ---- */
  const dirty = new Set();
  const timers = new WeakMap();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form");
    if (!form || !form.matches(".form, [data-draft-url]") || !isPost(form)) return;
    dirty.add(form);
    delete form.dataset.draftKept;
    if (!form.dataset.draftUrl) return;
    window.clearTimeout(timers.get(form));
    timers.set(form, window.setTimeout(() => keepDraft(form), 1500));
  });
  window.addEventListener("beforeunload", (event) => {
    if (Array.from(dirty).some((form) => form.isConnected && !form.dataset.draftKept)) event.preventDefault();
  });

  async function keepDraft(form) {
    const data = new FormData(form);
    for (const [name, value] of Array.from(data.entries())) if (value instanceof File) data.delete(name);
    data.set("csrfmiddlewaretoken", token() || data.get("csrfmiddlewaretoken"));
    let kept = false;
    try {
      const answer = await fetch(form.dataset.draftUrl, { method: "POST", body: data, credentials: "same-origin" });
      kept = answer.ok && !answer.redirected;
      if (answer.redirected || answer.status === 401 || answer.status === 403) sessionEnded();
    } catch { kept = false; }
    if (kept) form.dataset.draftKept = "yes"; else delete form.dataset.draftKept;
    say(form, kept ? words().draftKept.replace("{time}", new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" })) : words().draftLost);
  }

  function say(form, text) {
    let place = form.querySelector(".form__draft");
    if (!place) {
      place = document.createElement("p");
      place.className = "form__draft";
      place.setAttribute("role", "status");
      (form.querySelector(".form__buttons") || form).append(place);
    }
    place.textContent = text;
  }

  /* ---- a session that has ended is said, and the page stays as it is ---- */
  let lastGood = Date.now();
  const token = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1];

  function renewToken(form) {
    const input = form.querySelector("input[name=csrfmiddlewaretoken]");
    if (input && token()) input.value = token();
  }

  const needsCheck = (form) => form.matches(".form") && document.body.classList.contains("framed") && Date.now() - lastGood > 5 * 60 * 1000;

  async function checkThenSend(form, submitter) {
    try {
      const answer = await fetch(words().alive, { credentials: "same-origin", cache: "no-store" });
      if (answer.status === 401) { sessionEnded(); return; }
    } catch { /* no network: the browser itself says so when the form is sent */ }
    lastGood = Date.now();
    form.requestSubmit(submitter && submitter.form === form ? submitter : undefined);
  }

  function sessionEnded() {
    if (document.querySelector(".banner")) return;
    const banner = document.createElement("div");
    banner.className = "banner";
    banner.setAttribute("role", "alert");
    const text = document.createElement("p");
    text.textContent = words().sessionEnded;
    const link = document.createElement("a");
    link.className = "hds-button hds-button--primary button-small";
    link.href = words().login;
    link.target = "_blank";
    link.textContent = words().signIn;
    banner.append(text, link);
    document.body.append(banner);
  }

  document.addEventListener("visibilitychange", async () => {
    const banner = document.querySelector(".banner");
    if (document.hidden || !banner) return;
    const answer = await fetch(words().alive, { credentials: "same-origin", cache: "no-store" });
    if (answer.status !== 401) { banner.remove(); lastGood = Date.now(); }
  });

  const isLogin = (address) => Boolean(address) && new URL(address, location.href).pathname === words().login;
  document.addEventListener("htmx:configRequest", (event) => { if (token()) event.detail.headers["X-CSRFToken"] = token(); });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (isLogin(event.detail.xhr.responseURL)) { event.detail.shouldSwap = false; sessionEnded(); } else { lastGood = Date.now(); }
  });
  document.addEventListener("htmx:responseError", (event) => {
    if ([401, 403].includes(event.detail.xhr.status)) { sessionEnded(); } else { notify(words().failed); }
  });
  document.addEventListener("htmx:sendError", () => notify(words().offline));

  function notify(text) {
    const place = document.getElementById("messages");
    if (!place) return;
    const message = document.createElement("section");
    message.className = "hds-notification hds-notification--small hds-notification--error message";
    message.textContent = text;
    place.replaceChildren(message);
    message.scrollIntoView({ block: "nearest" });
  }

  /* ---- small services to markup ---- */
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-selects]")) return;
    for (const box of all(event.target.dataset.selects)) box.checked = event.target.checked;
  });
  window.addEventListener("beforeprint", () => all("details.fold:not([open])").forEach((fold) => { fold.open = true; fold.dataset.printed = "yes"; }));
  window.addEventListener("afterprint", () => all("details[data-printed]").forEach((fold) => { fold.open = false; delete fold.dataset.printed; }));

  function unfold() {
    if (location.hash.length < 2) return;
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let fold = target && target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (target && target.matches("fieldset, section")) target.focus();
  }

  function settle(root) {
    for (const box of all(".table-scroll", root)) {
      if (box.scrollWidth > box.clientWidth && !box.hasAttribute("tabindex")) box.tabIndex = 0;
    }
    const summary = root.querySelector("[data-focus-first]");
    if (summary) summary.focus();
  }

  window.addEventListener("hashchange", unfold);
  document.addEventListener("htmx:afterSettle", (event) => settle(event.target));
  document.addEventListener("DOMContentLoaded", () => { unfold(); settle(document); });
})();
