// Several diagrams may be in one page, and hosts differ in what they say of the running script.
for (const page of document.querySelectorAll(".rtcw-page")) {
  // What a browser saves of a page has its attributes, and not what was made of them.
  if (page.rtcwIsLive) continue;
  page.rtcwIsLive = true;
  page.dataset.live = "";
  for (const item of page.querySelectorAll(".m.on")) item.classList.remove("on");
  const panel = page.querySelector(".rtcw-panel");
  let items = [];
  let shown = null;
  let said = "";
  let pinned = false;

  // Descriptions share most of their lines, so each is written once and put together here.
  const explained = (pre) => {
    const glossary = page.querySelector(".rtcw-all .rtcw-lines thead").parentNode;
    const table = document.createElement("table");
    table.className = "rtcw-lines";
    table.append(glossary.tHead.cloneNode(true), document.createElement("tbody"));
    for (const number of pre.dataset.lines.split(" ")) {
      table.tBodies[0].append(glossary.tBodies[0].rows[number].cloneNode(true));
    }
    return table;
  };

  const fill = () => {
    const details = page.querySelector(`.rtcw-all details[data-m="${shown.dataset.m}"]`);
    if (details.textContent === said) return;
    said = details.textContent;
    const title = document.createElement("h3");
    title.textContent = details.firstElementChild.textContent;
    const rest = [...details.children].slice(1).map((node) => node.cloneNode(true));
    panel.replaceChildren(title, ...rest);
    for (const pre of panel.querySelectorAll("pre[data-lines]")) pre.replaceWith(explained(pre));
    panel.hidden = false;
  };

  const show = (item) => {
    if (item === shown) return;
    shown?.classList.remove("on");
    shown = item;
    item.classList.add("on");
    fill();
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

  // Whoever draws it anew under somebody who reads says so: what is open stays open.
  const begin = () => {
    items = [...page.querySelectorAll(".m")];
    // Candidates are gathered into one arrow when they go on: whichever holds the message is the same.
    const key = shown?.dataset.key.split(" ")[0];
    shown = items.find((item) => item.dataset.key.split(" ").includes(key)) ?? null;
    pinned &&= shown !== null;
    if (shown) {
      shown.classList.add("on");
      fill();
    }
    if (!items.length) return;
    reach(shown ?? items[0]);
    if (!panel.hidden) return;
    panel.hidden = false;
    panel.textContent = "Point at a message, or go to one with Tab and the arrow keys: it opens here.";
  };
  page.addEventListener("rtcw-drawn", begin);
  begin();
}
