// Several diagrams may be in one page, and hosts differ in what they say of the running script.
for (const page of (globalThis.rtcwShown ?? document).querySelectorAll(".rtcd-page")) {
  // What a browser saves of a page has its attributes, and not what was made of them.
  if (page.rtcdIsLive) continue;
  page.rtcdIsLive = true;
  page.dataset.live = "";
  const both = page.querySelector(".rtcd-both");
  const scroll = page.querySelector(".rtcd-scroll");
  const panel = page.querySelector(".rtcd-panel");
  let items = [];
  let shown = null;
  let said = "";
  let tab = "Summary";

  const make = (tag, className, ...children) => {
    const element = document.createElement(tag);
    element.className = className;
    element.append(...children);
    return element;
  };

  // -- what is opened

  // Descriptions share most of their lines, so each is written once and put together here.
  const meanings = () => page.querySelector(".rtcd-glossary .rtcd-lines")?.tBodies[0].rows ?? [];
  const numbers = (pre) => pre.dataset.lines.split(" ");
  const explained = (pre) => {
    const rows = meanings();
    const body = document.createElement("tbody");
    for (const number of numbers(pre)) if (rows[number]) body.append(rows[number].cloneNode(true));
    return make("table", "rtcd-lines", body);
  };
  const raw = (section) => {
    const rows = meanings();
    const lines = [...section.querySelectorAll("pre[data-lines]")].flatMap((pre) =>
      numbers(pre).map((number) => rows[number]?.cells[0].textContent ?? ""),
    );
    return make("pre", "", lines.join("\n"));
  };

  const searchable = (section) => {
    const copy = section.cloneNode(true);
    for (const pre of copy.querySelectorAll("pre[data-lines]")) pre.replaceWith(explained(pre));
    const search = make("input", "");
    Object.assign(search, { type: "search", placeholder: "Search these lines and what they mean" });
    search.setAttribute("aria-label", "Search");
    const parts = [...copy.querySelectorAll(".rtcd-section")];
    // Of one section nobody wants to see only the title.
    if (parts.length === 1) parts[0].open = true;
    search.addEventListener("input", () => {
      const wanted = search.value.trim().toLowerCase();
      for (const part of parts) {
        let found = 0;
        for (const row of part.querySelectorAll("tr")) {
          row.hidden = !row.textContent.toLowerCase().includes(wanted);
          found += row.hidden ? 0 : 1;
        }
        part.hidden = found === 0;
        part.open = wanted !== "" || parts.length === 1;
      }
    });
    copy.prepend(search);
    return copy;
  };

  const tabs = (more) => {
    const sections = [...more.querySelectorAll("[data-tab]")];
    const made = new Map(
      sections.map((section) => [
        section.dataset.tab,
        section.dataset.tab === "Summary" ? () => section.cloneNode(true) : () => searchable(section),
      ]),
    );
    if (sections[1]) made.set("Raw", () => raw(sections[1]));
    return made;
  };

  const fill = () => {
    const more = shown.querySelector(".rtcd-more");
    if (!more || more.textContent + more.dataset.title === said) return;
    said = more.textContent + more.dataset.title;
    const made = tabs(more);
    if (!made.has(tab)) tab = "Summary";
    const close = make("button", "rtcd-close", "✕");
    close.type = "button";
    close.setAttribute("aria-label", "Close");
    close.addEventListener("click", hide);
    const bar = make("div", "rtcd-tabs");
    bar.setAttribute("role", "tablist");
    const body = make("div", "rtcd-body");
    body.setAttribute("role", "tabpanel");
    const choose = (name) => {
      tab = name;
      for (const button of bar.children) {
        button.setAttribute("aria-selected", String(button.textContent === name));
        button.tabIndex = button.textContent === name ? 0 : -1;
      }
      body.replaceChildren(made.get(name)());
    };
    for (const name of made.keys()) {
      const button = make("button", "", name);
      button.type = "button";
      button.setAttribute("role", "tab");
      button.addEventListener("click", () => choose(name));
      bar.append(button);
    }
    bar.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = by && bar.children[[...bar.children].indexOf(event.target) + by];
      if (!next) return;
      next.click();
      next.focus();
    });
    panel.replaceChildren(
      make("div", "rtcd-panel-head", make("h3", "", more.dataset.title), close, bar),
      body,
    );
    choose(tab);
  };

  // Where there is no room beside the drawing it floats at its arrow: below it, or above where there is more room.
  const place = () => {
    const [box, arrow] = [both, shown.firstElementChild].map((element) => element.getBoundingClientRect());
    const below = arrow.bottom - box.top + 4;
    const room = { below: box.height - below - 8, above: arrow.top - box.top - 12 };
    panel.style.setProperty("--most", `${Math.max(room.below, room.above)}px`);
    const above = Math.max(8, arrow.top - box.top - panel.offsetHeight - 4);
    panel.style.setProperty("--at", `${room.below >= room.above ? below : above}px`);
    // A sheet at the bottom covers nothing that is being read.
    const covered = arrow.bottom + 8 - panel.getBoundingClientRect().top;
    if (getComputedStyle(panel).left === "0px" && covered > 0) scroll.scrollTop += covered;
    panel.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  const show = (item) => {
    shown?.classList.remove("on");
    shown = item;
    item.classList.add("on");
    if (!item.querySelector(".rtcd-more")) return;
    const before = item.getBoundingClientRect().top;
    panel.hidden = false;
    fill();
    panel.scrollTop = 0;
    // The drawing is laid out anew beside the panel; what was clicked stays where it is.
    scroll.scrollTop += item.getBoundingClientRect().top - before;
    place();
  };
  const hide = () => {
    panel.hidden = true;
    said = "";
    shown?.classList.remove("on");
    shown?.firstElementChild.focus({ preventScroll: true });
    shown = null;
  };

  // -- groups of candidates open in the drawing

  const isGroup = (item) => item.querySelector(".rtcd-each") !== null;
  const unfold = (item, on) => {
    if (!isGroup(item)) return;
    item.open = on;
    item.firstElementChild.setAttribute("aria-expanded", String(on));
  };

  // -- the keyboard

  // One stop for Tab, arrows within: a long diagram is no trap for the keyboard.
  const reach = (item) => {
    for (const other of items) other.firstElementChild.tabIndex = other === item ? 0 : -1;
  };
  const isSeen = (item) => item.getClientRects().length > 0;
  const seen = () => items.filter(isSeen);
  const step = (item, by) => {
    const list = seen();
    const next = list[Math.min(list.length - 1, Math.max(0, list.indexOf(item) + by))];
    reach(next);
    next.firstElementChild.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    show(next);
  };
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

  const at = (event) => {
    const of = event.target.closest?.("[data-of]")?.dataset.of;
    if (of !== undefined) return items.find((item) => item.dataset.key.split(" ").includes(of)) ?? null;
    return event.target.closest?.(".rtcd-m") ?? null;
  };
  scroll.addEventListener("click", (event) => {
    const item = at(event);
    if (!item) return;
    event.preventDefault();
    reach(item);
    if (item === shown && !panel.hidden && event.isTrusted) {
      unfold(item, false);
      hide();
    } else {
      // Whoever plays a recording goes from message to message, and opens nothing.
      if (event.isTrusted) unfold(item, true);
      show(item);
    }
  });
  scroll.addEventListener("keydown", (event) => {
    const item = event.target.closest?.(".rtcd-m");
    if (!item) return;
    if (event.key in steps) step(item, steps[event.key]);
    else if (event.key === "Enter" || event.key === " ") {
      unfold(item, !item.open);
      show(item);
      panel.focus({ preventScroll: true });
    } else if (event.key === "Escape" && !panel.hidden) hide();
    else return;
    event.preventDefault();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    hide();
  });
  // -- the overview

  const open = (pair) => {
    const pick = page.querySelector(`.rtcd-pick[value="${pair}"]`);
    pick.checked = true;
    pick.dispatchEvent(new Event("change", { bubbles: true }));
    pick.focus({ preventScroll: true });
  };
  scroll.addEventListener("click", (event) => {
    const cell = event.target.closest?.(".rtcd-open[data-pair]");
    if (!cell) return;
    // The same diagram may be in a page twice, and a label chooses in the first.
    event.preventDefault();
    open(cell.dataset.pair);
  });

  // Of another connection nothing is open.
  page.querySelector(".rtcd-bar").addEventListener("change", (event) => {
    if (!event.target.closest(".rtcd-choice")) return;
    panel.hidden = true;
    scroll.scrollTop = 0;
    const first = items.find(isSeen);
    if (first) reach(first);
    next.textContent = NEXT;
    offerNext();
  });

  // A message that is held is what the room has stopped for, and stands at the end.
  if (page.querySelector(".rtcd-waits")) {
    requestAnimationFrame(() => {
      scroll.scrollTop = scroll.scrollHeight;
    });
  }

  // -- what is not ordinary may be far below what is seen

  const NOTABLE = ".rtcd-note,.rtcd-chip.notice,.rtcd-chip.bad,.rtcd-fate,.rtcd-outcome";
  const next = page.querySelector(".rtcd-next");
  const NEXT = next.textContent;
  const drawing = () => [...scroll.querySelectorAll(".rtcd-pair")].find(isSeen);
  const offerNext = () => {
    const isAll = scroll.scrollHeight <= scroll.clientHeight + 1;
    next.hidden = isAll || !drawing()?.querySelector(NOTABLE);
  };
  next.addEventListener("click", () => {
    const list = [...drawing().querySelectorAll(NOTABLE)].filter(isSeen);
    const last = list.findIndex((element) => element.classList.contains("rtcd-found"));
    list[last]?.classList.remove("rtcd-found");
    const index = (last + 1) % list.length;
    const target = list[index];
    if (!target) return;
    next.textContent = `Next notable moment (${index + 1} of ${list.length}) ↓`;
    target.classList.add("rtcd-found");
    const away = target.getBoundingClientRect().top - scroll.getBoundingClientRect().top;
    scroll.scrollTop += away - scroll.clientHeight / 3;
    // What the diagram is in may be scrolled away from it.
    target.scrollIntoView({ block: "nearest", inline: "nearest" });
    const item = target.closest(".rtcd-m");
    if (item) reach(item);
    next.nextElementSibling.textContent = target.textContent;
  });
  new ResizeObserver(offerNext).observe(scroll);

  // -- as Mermaid

  const copy = page.querySelector(".rtcd-copy");
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const source = page.querySelector(".rtcd-mermaid");
    try {
      await navigator.clipboard.writeText(source.textContent);
      copy.textContent = "Copied";
      setTimeout(() => {
        copy.textContent = "Copy as Mermaid";
      }, 1500);
    } catch {
      // Not every page may write to the clipboard: there is the text, to be copied by hand.
      source.parentElement.open = true;
      getSelection().selectAllChildren(source);
      source.scrollIntoView({ block: "nearest" });
    }
  });

  // Whoever draws it anew under somebody who reads says so: what is open stays open.
  const begin = () => {
    // A label is for whoever has no script, and out of the keyboard's reach.
    for (const label of page.querySelectorAll("label.rtcd-open")) {
      const button = make("button", label.className, ...label.childNodes);
      button.type = "button";
      button.dataset.pair = label.dataset.pair;
      button.title = label.title;
      label.replaceWith(button);
    }
    items = [...page.querySelectorAll(".rtcd-m")];
    for (const item of items) {
      if (isGroup(item)) unfold(item, item.open);
      else item.open = false;
      item.firstElementChild.setAttribute("role", "button");
    }
    // Candidates are gathered into one arrow when they go on: whichever has the message is the same.
    const key = shown?.dataset.key.split(" ")[0];
    shown = items.find((item) => item.dataset.key.split(" ").includes(key)) ?? null;
    for (const item of items) item.classList.toggle("on", item === shown);
    if (shown && !panel.hidden) fill();
    // To ask of all would lay out all, also what is far out of sight.
    if (items.length) reach(shown ?? items.find(isSeen) ?? items[0]);
    offerNext();
  };
  page.addEventListener("rtcd-drawn", begin);
  begin();
}
