// Several diagrams may be in one page, and hosts differ in what they say of the running script.
for (const page of document.querySelectorAll(".rtcw-page:not([data-live])")) {
  page.dataset.live = "";
  const panel = page.querySelector(".rtcw-panel");
  const items = [...page.querySelectorAll(".m")];
  const glossary = page.querySelector(".rtcw-all .rtcw-lines thead")?.parentNode;
  let shown = null;
  let pinned = false;

  // Descriptions share most of their lines, so each is written once and put together here.
  const explained = (pre) => {
    const table = document.createElement("table");
    table.className = "rtcw-lines";
    table.append(glossary.tHead.cloneNode(true), document.createElement("tbody"));
    for (const number of pre.dataset.lines.split(" ")) {
      table.tBodies[0].append(glossary.tBodies[0].rows[number].cloneNode(true));
    }
    return table;
  };

  const show = (item) => {
    if (item === shown) return;
    shown?.classList.remove("on");
    shown = item;
    item.classList.add("on");
    const details = page.querySelector(`.rtcw-all details[data-m="${item.dataset.m}"]`);
    const title = document.createElement("h3");
    title.textContent = details.firstElementChild.textContent;
    const rest = [...details.children].slice(1).map((node) => node.cloneNode(true));
    panel.replaceChildren(title, ...rest);
    for (const pre of panel.querySelectorAll("pre[data-lines]")) pre.replaceWith(explained(pre));
    panel.hidden = false;
    panel.scrollTop = 0;
  };

  // One stop for Tab, arrows within: a long diagram is no trap for the keyboard.
  const reach = (item) => {
    for (const other of items) other.setAttribute("tabindex", other === item ? "0" : "-1");
  };
  const step = (item, by) => {
    const next = items[Math.min(items.length - 1, Math.max(0, items.indexOf(item) + by))];
    reach(next);
    next.focus();
  };
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

  const at = (event) => event.target.closest?.(".m");
  const scroll = page.querySelector(".rtcw-scroll");
  scroll.addEventListener("pointerover", (event) => {
    const item = at(event);
    if (item && !pinned) show(item);
  });
  scroll.addEventListener("focusin", (event) => {
    const item = at(event);
    if (item) show(item);
  });
  scroll.addEventListener("click", (event) => {
    const item = at(event);
    pinned = Boolean(item);
    if (item) {
      reach(item);
      show(item);
    }
  });
  scroll.addEventListener("keydown", (event) => {
    const item = at(event);
    if (!item) return;
    if (event.key in steps) step(item, steps[event.key]);
    else if (event.key === "Enter" || event.key === " ") {
      pinned = true;
      show(item);
      panel.focus();
    } else return;
    event.preventDefault();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    pinned = false;
    shown?.focus();
  });

  if (items.length) {
    reach(items[0]);
    panel.hidden = false;
    panel.textContent = "Point at a message, or go to one with Tab and the arrow keys: it opens here.";
  }
}
