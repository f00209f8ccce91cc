/* What the pages do beyond HTML. Without it everything still works: forms are sent, menus are details. */
(function () {
  "use strict";

  const root = document.documentElement;

  function byId(id) { return document.getElementById(id); }

  /* read a text out; an empty text first, so that the same text twice is read twice */
  function announce(text) {
    const place = byId("announcements");
    if (!place || !text) return;
    place.textContent = "";
    window.setTimeout(function () { place.textContent = text; }, 60);
  }

  function showFailure(text) {
    const place = byId("failures");
    if (!place) return;
    place.className = text ? "errors" : "";
    place.textContent = text;
  }

  /* --- colours: at once, and kept by the server in a cookie ------------------------------------- */
  document.addEventListener("submit", function (event) {
    const form = event.target;
    const button = event.submitter;
    if (!form.classList.contains("theme-switch") || !button) return;
    event.preventDefault();
    const chosen = button.value;
    const body = new URLSearchParams(new FormData(form));
    body.set("theme", chosen);
    fetch(form.action, {
      method: "POST", body: body, credentials: "same-origin",
      headers: { "X-Requested-With": "fetch" },
    }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      if (chosen) root.dataset.theme = chosen; else delete root.dataset.theme;
      form.querySelectorAll("button[name=theme]").forEach(function (each) {
        each.setAttribute("aria-pressed", String(each === button));
      });
      document.dispatchEvent(new CustomEvent("geomonitor:theme", { detail: { theme: chosen } }));
    }).catch(function (error) {
      const place = byId("failures");
      showFailure(place.dataset.failed.replace("{status}", error.message));
    });
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () {
    if (!root.dataset.theme) {
      document.dispatchEvent(new CustomEvent("geomonitor:theme", { detail: { theme: "" } }));
    }
  });

  /* --- menus: Escape closes, and so does a click or the focus elsewhere -------------------------- */
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }
  document.addEventListener("click", function (event) { closeMenus(event.target.closest("details.menu")); });
  document.addEventListener("focusin", function (event) { closeMenus(event.target.closest("details.menu")); });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  /* --- htmx: what changed is read out, what failed is shown -------------------------------------- */
  document.addEventListener("htmx:afterSwap", function (event) {
    const target = event.detail.target;
    const said = target.closest("[data-announce]") || target.querySelector("[data-announce]");
    showFailure("");
    if (target.closest("[data-quiet]")) return;
    announce(said ? said.dataset.announce : byId("announcements").dataset.updated);
    sortable(target);
  });
  document.addEventListener("htmx:responseError", function (event) {
    showFailure(byId("failures").dataset.failed.replace("{status}", event.detail.xhr.status));
  });
  document.addEventListener("htmx:sendError", function () { showFailure(byId("failures").dataset.offline); });
  document.addEventListener("announce", function (event) { announce(event.detail.value || event.detail); });

  /* --- sliders show their number as they move ---------------------------------------------------- */
  document.addEventListener("input", function (event) {
    if (event.target.type !== "range" || !event.target.id) return;
    document.querySelectorAll("output[for~='" + CSS.escape(event.target.id) + "']").forEach(function (shown) {
      const unit = shown.dataset.unit || "";
      shown.textContent = Number(event.target.value).toLocaleString(root.lang) + unit;
    });
  });

  /* --- tables with data-sort: a press on a heading sorts by its column --------------------------- */
  function keyOf(row, index) {
    const cell = row.cells[index];
    return cell.dataset.value !== undefined ? cell.dataset.value : cell.textContent.trim();
  }
  function sortBy(table, heading) {
    const index = heading.cellIndex;
    const upward = heading.getAttribute("aria-sort") !== "ascending";
    const rows = Array.from(table.tBodies[0].rows);
    const numeric = heading.classList.contains("n");
    const collator = new Intl.Collator(root.lang, { numeric: true });
    rows.sort(function (one, other) {
      const a = keyOf(one, index), b = keyOf(other, index);
      if (numeric) {
        const unknownA = a === "" || isNaN(a), unknownB = b === "" || isNaN(b);
        if (unknownA || unknownB) return Number(unknownA) - Number(unknownB);  /* unknown last, both ways */
        return upward ? a - b : b - a;
      }
      return upward ? collator.compare(a, b) : collator.compare(b, a);
    });
    table.tBodies[0].append(...rows);
    table.querySelectorAll("thead th[aria-sort]").forEach(function (each) { each.setAttribute("aria-sort", "none"); });
    heading.setAttribute("aria-sort", upward ? "ascending" : "descending");
  }
  function sortable(within) {
    within.querySelectorAll("table[data-sort]:not([data-sortable])").forEach(function (table) {
      table.dataset.sortable = "";
      table.querySelectorAll("thead th:not([data-unsorted])").forEach(function (heading) {
        const button = document.createElement("button");
        button.type = "button";
        button.append(...heading.childNodes);
        heading.append(button);
        heading.setAttribute("aria-sort", "none");
        button.addEventListener("click", function () { sortBy(table, heading); });
      });
    });
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", function () { sortable(document); });
  } else {
    sortable(document);
  }
})();
