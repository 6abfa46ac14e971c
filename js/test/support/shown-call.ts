/** A view of a fake call in the page, and what can be found in it. */
import { afterEach, beforeEach, vi } from "vitest";
import { mount } from "../../src/ui/view";
import type { FakeCall } from "./fake-call";

/** The element that the view is mounted in; each test has a new one. */
export let el: HTMLElement;
export let unmount: () => void = () => undefined;

beforeEach(() => {
  el = document.createElement("div");
  document.body.append(el);
});

afterEach(() => {
  unmount();
  el.remove();
  vi.unstubAllGlobals();
});

/** Show a call, in the page or in another element. */
export function show(call: FakeCall, within: HTMLElement = el): FakeCall {
  el = within;
  unmount = mount(el, call);
  return call;
}

export const one = (selector: string) => el.querySelector<HTMLElement>(selector)!;
export const all = (selector: string) => [...el.querySelectorAll<HTMLElement>(selector)];
export const tiles = () => all("[role=listitem]").map((tile) => tile.getAttribute("aria-label"));
/** The button of this name. */
export const named = (name: string) =>
  all("button").find((button) => (button.getAttribute("aria-label") ?? button.textContent) === name)!;
export const shown = (element: HTMLElement | null) =>
  element !== null && element.closest("[hidden]") === null;
