// Makes the page move by itself: forms are sent without leaving it, and changed regions are replaced in place.
// Without this file every form still works and the page is drawn anew after each.
"use strict";

const at = (id) => (id ? document.getElementById(id) : null);
const FIELDS = "select, input:not([type=hidden]), textarea";
let opener = null;
let drawn = 0;

function isBusy(region) {
  const active = document.activeElement;
  return active && region.contains(active) && active.matches(FIELDS);
}

function replaceRegion(old, fresh) {
  if (old.innerHTML === fresh.innerHTML) return;
  const active = old.contains(document.activeElement) ? document.activeElement : null;
  const focused = active && active.id;
  const around = active && active.closest("article") && active.closest("article").id;
  const open = [...old.querySelectorAll("details[open][id]")].map((one) => one.id);
  const down = old.scrollHeight - old.scrollTop - old.clientHeight < 80;
  const top = old.scrollTop;
  old.innerHTML = fresh.innerHTML;
  for (const id of open) if (at(id)) at(id).open = true;
  if (old.classList.contains("scroll")) old.scrollTop = down ? old.scrollHeight : top;
  const again = at(focused) || at(around);
  if (again) again.focus({ preventScroll: true });
}

function show(html, isOwn) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const moment = Number(fresh.body.dataset.drawn);
  if (moment < drawn) {
    if (isOwn) look(fetch(location.href), true);
    return; // it was overtaken by a newer one
  }
  drawn = moment;
  const covered = at("overlay").querySelector("form");
  const before = covered ? covered.dataset.view : "";
  for (const part of fresh.querySelectorAll("[data-region]")) {
    const old = at(part.id);
    const form = part.querySelector("form.modal");
    const isHeld = part.id === "overlay" ? form && form.dataset.view === before : !isOwn && isBusy(old);
    if (!isHeld) replaceRegion(old, part);
  }
  for (const id of ["top", "main", "foot"]) at(id).inert = fresh.getElementById(id).hasAttribute("inert");
  const modal = at("overlay").querySelector("form");
  if (modal && modal.dataset.view !== before) focusIn(modal);
  if (!modal && before && at(opener)) at(opener).focus();
}

function focusIn(modal) {
  const wrong = modal.querySelector(".error");
  const field = wrong && wrong.parentElement.querySelector(FIELDS);
  const first = field || modal.querySelector("[autofocus]") || modal.querySelector(FIELDS);
  (first || modal.querySelector("h2")).focus();
}

async function look(request, isOwn) {
  try {
    const answer = await request;
    const html = await answer.text();
    if (!answer.ok) return;
    if (isOwn && answer.redirected) history.replaceState(null, "", answer.url + location.hash);
    show(html, isOwn);
  } catch {
    at("notice").textContent = "The demo does not answer. Is it still running?";
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("live" in form.dataset)) return;
  event.preventDefault();
  const button = event.submitter;
  if (button && button.id) opener = button.id;
  const body = new URLSearchParams(new FormData(form, button));
  const ticket = new URLSearchParams(location.search).get("ticket");
  if (ticket) body.set("ticket", ticket);
  if ("clear" in form.dataset) form.reset();
  look(fetch(form.getAttribute("action"), { method: "POST", body }), true);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const close = at("overlay").querySelector("footer button");
  if (close) close.click();
  for (const menu of document.querySelectorAll("details.overflow[open]")) menu.open = false;
});

const log = at("messages");
log.scrollTop = log.scrollHeight;
const modal = at("overlay").querySelector("form");
if (modal) focusIn(modal);
new EventSource("/changes").addEventListener("changed", () => look(fetch(location.href), false));
