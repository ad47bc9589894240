/* One of thousands, searched for by a part of its name: the combobox pattern over a field that works without this file.

   Without it, the matches under the field are radio buttons that came with the page. Here they become a list that opens
   while one types, is walked with the arrow keys, and closes with Escape; what is picked goes into a hidden field. */
"use strict";

(() => {
  const parts = (pick) => ({
    input: pick.querySelector("input[type=text]"),
    key: pick.querySelector("input[type=hidden]"),
    box: pick.querySelector(".pick__found"),
    list: pick.querySelector(".pick__options"),
    status: pick.querySelector("[role=status]"),
  });
  const options = (pick) => Array.from(pick.querySelectorAll("[role=option]"));
  const isOpen = (pick) => !pick.querySelector(".pick__found").hidden;

  /* ---- from radio buttons to a list ---- */
  function list(pick) {
    const { input, box, list: found } = parts(pick);
    const said = box.querySelector(".pick__said");
    if (said) said.id = `${input.id}_said`;
    if (!found) return;
    found.id = `${input.id}_list`;
    found.setAttribute("role", "listbox");
    found.setAttribute("aria-labelledby", said.id);
    Array.from(found.children).forEach((option, number) => {
      const words = option.querySelector("label");
      option.className = "pick__option";
      option.id = `${input.id}_option_${number}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      if (words) option.replaceChildren(...words.childNodes);
    });
  }

  function enliven(pick) {
    const { input, box } = parts(pick);
    const chosen = box.querySelector("input:checked");
    const key = document.createElement("input");
    key.type = "hidden";
    key.name = input.name.replace(/_text$/, "");
    key.value = chosen ? chosen.value : "";
    const status = document.createElement("div");
    status.className = "visually-hidden";
    status.setAttribute("role", "status");
    pick.append(key, status);
    pick.dataset.text = chosen ? input.value : "";
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-haspopup", "listbox");
    box.hidden = true;
    pick.classList.add("pick--live");
    list(pick);
  }

  /* ---- open, close, walk ---- */
  function open(pick) {
    const { input, box, list: found } = parts(pick);
    const hasWords = box.textContent.trim() !== "";
    box.hidden = !hasWords;
    input.setAttribute("aria-expanded", String(hasWords && Boolean(found)));
    if (found) input.setAttribute("aria-controls", found.id); else input.removeAttribute("aria-controls");
    mark(pick, -1);
  }

  function close(pick) {
    const { input, box } = parts(pick);
    box.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(pick, -1);
  }

  function mark(pick, number) {
    const { input } = parts(pick);
    options(pick).forEach((option, place) => option.setAttribute("aria-selected", String(place === number)));
    const marked = options(pick)[number];
    if (marked) {
      input.setAttribute("aria-activedescendant", marked.id);
      marked.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function step(pick, by) {
    const all = options(pick);
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    // One place of the walk is the field itself.
    mark(pick, ((at + 1 + by + all.length + 1) % (all.length + 1)) - 1);
  }

  function choose(pick, option) {
    const { input, key } = parts(pick);
    key.value = option.dataset.key;
    input.value = pick.dataset.text = option.dataset.whole;
    close(pick);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* ---- what the list should show ---- */
  const isChosen = (pick) => parts(pick).key.value !== "";
  const wanted = (pick) => (isChosen(pick) ? "" : parts(pick).input.value.trim());

  function show(pick) {
    const { input, box } = parts(pick);
    if (box.dataset.shows === wanted(pick)) open(pick); else window.htmx.trigger(input, "pick");
  }

  const pickOf = (target) => (target.closest ? target.closest(".pick--live") : null);

  document.addEventListener("input", (event) => {
    const pick = pickOf(event.target);
    if (!pick || event.target.type !== "text") return;
    if (event.target.value !== pick.dataset.text) parts(pick).key.value = "";
  }, true);

  document.addEventListener("htmx:configRequest", (event) => {
    const pick = pickOf(event.detail.elt);
    if (pick) event.detail.parameters.text = wanted(pick);
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const pick = pickOf(event.detail.target);
    if (!pick) return;
    const { input, box, status } = parts(pick);
    box.dataset.shows = wanted(pick);
    list(pick);
    const said = box.querySelector(".pick__said");
    status.textContent = said ? said.textContent : "";
    if (document.activeElement === input) open(pick);
  });

  document.addEventListener("focusin", (event) => {
    const pick = pickOf(event.target);
    if (pick && event.target.type === "text" && !isChosen(pick)) show(pick);
  });
  document.addEventListener("focusout", (event) => {
    const pick = pickOf(event.target);
    if (pick && !pick.contains(event.relatedTarget)) close(pick);
  });

  document.addEventListener("keydown", (event) => {
    const pick = pickOf(event.target);
    if (!pick || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (isOpen(pick)) step(pick, event.key === "ArrowDown" ? 1 : -1); else show(pick);
    } else if (event.key === "Enter") {
      const marked = options(pick).find((option) => option.getAttribute("aria-selected") === "true");
      if (isOpen(pick) && marked) { event.preventDefault(); choose(pick, marked); }
    } else if (event.key === "Escape" && isOpen(pick)) {
      event.preventDefault();
      event.stopPropagation();
      close(pick);
    }
  }, true);

  // The field keeps the focus while the pointer chooses.
  document.addEventListener("mousedown", (event) => {
    if (pickOf(event.target) && event.target.closest(".pick__found")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const pick = pickOf(event.target);
    if (!pick) return;
    const option = event.target.closest("[role=option]");
    if (option) choose(pick, option); else if (event.target.type === "text" && !isOpen(pick)) show(pick);
  });

  const settle = (root) => root.querySelectorAll(".pick:not(.pick--live)").forEach(enliven);
  document.addEventListener("htmx:load", (event) => settle(event.detail.elt));
  document.addEventListener("DOMContentLoaded", () => settle(document));
})();
