/** HTML that the kernel has made, with a script of its own. */

export function parse(doc: Document, html: string): DocumentFragment {
  const template = doc.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Show it in place of what is in `host`, and run its scripts. */
export function showLive(host: HTMLElement, content: DocumentFragment): void {
  host.replaceChildren(content);
  // It may be in a shadow tree, as in marimo, where neither `document` finds it nor a script knows its own element.
  globalThis.rtcwShown = host;
  // Those of another type are data.
  for (const parsed of host.querySelectorAll("script:not([type])")) {
    // A parsed script never runs; one that was made does.
    const script = host.ownerDocument.createElement("script");
    script.textContent = parsed.textContent;
    parsed.replaceWith(script);
  }
  globalThis.rtcwShown = undefined;
}
