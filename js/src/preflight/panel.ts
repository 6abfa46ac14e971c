/** What is seen of a report: a verdict, buttons, the findings of the page and of the kernel; what is good only when asked for. */
import { h } from "../ui/dom";
import type { Finding } from "./finding";
import { findingList } from "./list";

/** What a panel shows and what its buttons do. */
export type Subject = {
  readonly browser: readonly Finding[];
  readonly kernel: readonly Finding[];
  /** When the kernel's part is from, if that is not now. */
  readonly kernelAt: Date | null;
  listen(listener: () => void): () => void;
  tryDevices(): Promise<void>;
  /** Absent where nobody can be asked again. */
  readonly again?: (() => void) | undefined;
};

/** Show a subject in an element; the returned function takes it out again. */
export function showPanel(el: HTMLElement, subject: Subject): () => void {
  const doc = el.ownerDocument;
  const verdict = h(doc, "p", { role: "status", class: "rtcw-doctor-verdict" });
  const browser = findingList(doc, "This browser");
  const kernel = findingList(doc, "The kernel");
  const kernelTitle = h(doc, "h4");
  const attempt = button(doc, "Try camera and microphone", async () => {
    // Not `disabled`: the keyboard's focus would fall into the notebook, whose shortcuts delete cells.
    attempt.setAttribute("aria-disabled", "true");
    await subject.tryDevices();
    attempt.removeAttribute("aria-disabled");
    // What was tried is what is to be seen, also when it is good.
    root.dataset.folded = "false";
    show();
  });
  attempt.title = "Opens both for a moment and closes them again; the browser may ask you first.";
  const passed = button(doc, "", () => {
    root.dataset.folded = String(root.dataset.folded !== "true");
    show();
  });
  const buttons = h(doc, "div", { class: "rtcw-doctor-buttons" }, attempt);
  if (subject.again) buttons.append(button(doc, "Check again", subject.again));
  const kernelPart = h(doc, "div", { class: "rtcw-doctor-part" }, kernelTitle, kernel.element);
  const root = h(
    doc,
    "section",
    { class: "rtcw-doctor", dir: "ltr", "aria-label": "Preflight", "data-folded": "true" },
    h(doc, "header", {}, h(doc, "div", {}, h(doc, "h3", {}, "Preflight"), verdict), buttons),
    h(doc, "div", { class: "rtcw-doctor-part" }, h(doc, "h4", {}, "This browser"), browser.element),
    kernelPart,
    passed,
  );
  const show = () => {
    browser.show(subject.browser);
    kernel.show(subject.kernel);
    kernelPart.hidden = subject.kernel.length === 0;
    const { kernelAt } = subject;
    // That it is old is said even where all of it was good.
    kernelPart.dataset.old = String(kernelAt !== null);
    kernelTitle.textContent = kernelAt ? `The kernel, as of ${kernelAt.toLocaleString()}` : "The kernel";
    const all = [...subject.browser, ...subject.kernel];
    const good = all.filter(({ state }) => state === "good").length;
    const isFolded = root.dataset.folded === "true";
    passed.hidden = good === 0;
    passed.textContent = isFolded ? `Show what passed (${good})` : "Hide what passed";
    passed.setAttribute("aria-expanded", String(!isFolded));
    const words = judge(all);
    // Only what differs is read out.
    if (verdict.textContent !== words) verdict.textContent = words;
  };
  show();
  const unlisten = subject.listen(show);
  el.append(root);
  return () => {
    unlisten();
    root.remove();
  };
}

/** One sentence on all of it. */
export function judge(findings: readonly Finding[]): string {
  const count = (state: Finding["state"]) => findings.filter((finding) => finding.state === state).length;
  if (count("checking")) return "Checking…";
  const [problems, warnings] = [count("problem"), count("warning")];
  if (!problems && !warnings) return "All checks passed.";
  const parts = [
    ...(problems ? [problems === 1 ? "one problem" : `${problems} problems`] : []),
    ...(warnings ? [warnings === 1 ? "one warning" : `${warnings} warnings`] : []),
  ].join(" and ");
  return `${parts.charAt(0).toUpperCase()}${parts.slice(1)}; what to do stands below each.`;
}

function button(doc: Document, label: string, press: () => void): HTMLButtonElement {
  const element = h(doc, "button", { type: "button" }, label);
  element.addEventListener("click", () => {
    if (element.getAttribute("aria-disabled") !== "true") press();
  });
  return element;
}
