/**
 * Mount something in `el` together with the style that is for it.
 *
 * @returns unmounts both
 */
export function styled(el: HTMLElement, css: string, mount: () => () => void): () => void {
  const style = el.ownerDocument.createElement("style");
  style.textContent = css;
  // In the element itself, which may be in a shadow root.
  el.prepend(style);
  const unmount = mount();
  return () => {
    unmount();
    style.remove();
  };
}
