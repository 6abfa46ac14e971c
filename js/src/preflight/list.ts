/** A list of findings whose rows change in place, so that a reader keeps its place. */
import { h } from "../ui/dom";
import type { Finding } from "./finding";
import { mark, setMark } from "./marks";

export type FindingList = { readonly element: HTMLElement; show(findings: readonly Finding[]): void };

type Row = { readonly element: HTMLElement; show(finding: Finding): void };

export function findingList(doc: Document, label: string): FindingList {
  // A list without bullets is none to Safari's screen reader, unless it says so.
  const element = h(doc, "ul", { role: "list", "aria-label": label, class: "rtcw-doctor-list" });
  const rows = new Map<string, Row>();
  return {
    element,
    show(findings) {
      const names = new Set(findings.map(({ check }) => check));
      for (const [check, gone] of rows) {
        if (names.has(check)) continue;
        gone.element.remove();
        rows.delete(check);
      }
      for (const finding of findings) {
        let own = rows.get(finding.check);
        if (!own) {
          own = row(doc, finding.check);
          rows.set(finding.check, own);
          element.append(own.element);
        }
        own.show(finding);
      }
    },
  };
}

function row(doc: Document, check: string): Row {
  const sign = mark(doc, "checking");
  const [state, text, advice] = [
    h(doc, "span", { class: "rtcw-doctor-state" }),
    h(doc, "span"),
    h(doc, "span", { class: "rtcw-doctor-advice" }),
  ];
  const body = h(doc, "div", { class: "rtcw-doctor-said" }, text, advice);
  const element = h(
    doc,
    "li",
    {},
    sign,
    h(doc, "strong", { class: "rtcw-doctor-check" }, check),
    body,
    state,
  );
  return {
    element,
    show(finding) {
      element.dataset.state = finding.state;
      setMark(sign, finding.state);
      state.textContent = finding.state;
      text.textContent = finding.text;
      advice.textContent = finding.advice;
      advice.hidden = finding.advice === "";
    },
  };
}
