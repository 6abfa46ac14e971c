// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { arrive, forgetLink, waits } from "../../src/join/arrival";

beforeEach(() => {
  sessionStorage.clear();
  history.replaceState(null, "", "/join/a%20room%2Fb");
});

it("takes the token out of the address, and finds it again after a reload", () => {
  history.replaceState(null, "", "/join/a%20room%2Fb?x=1#secret.token");
  const replaced = vi.spyOn(history, "replaceState");
  expect(arrive()).toEqual({ room: "a room/b", token: "secret.token" });
  expect(replaced).toHaveBeenCalledOnce();
  expect(location.href).toMatch(/\/join\/a%20room%2Fb\?x=1$/);
  expect(arrive()).toEqual({ room: "a room/b", token: "secret.token" });
});

it("knows no token of another room, and none that was forgotten", () => {
  history.replaceState(null, "", "/join/mine#token");
  arrive();
  history.replaceState(null, "", "/join/another");
  expect(arrive().token).toBeNull();
  history.replaceState(null, "", "/join/mine");
  forgetLink("mine");
  expect(arrive().token).toBeNull();
});

it("takes a newer link in place of the one before", () => {
  for (const token of ["first", "second"]) {
    history.replaceState(null, "", `/join/mine#${token}`);
    expect(arrive().token).toBe(token);
  }
});

it.each([
  ['{"wait":true,"room":"\u00ff?>"}', true],
  ['{"wait":false}', false],
  ["{}", false],
  ["null", false],
  ["no JSON", false],
])("knows of a token with the claims %s whether who has it waits", (claims, is) => {
  const body = btoa(claims).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  expect(waits(`${body}.signature`)).toBe(is);
});

it("takes what is no token for one of somebody who need not wait", () => {
  for (const token of ["", ".", "ü", "secret.token"]) expect(waits(token)).toBe(false);
});

it("does without storage where that is denied, and with a room that is no text", () => {
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
    throw new DOMException("denied", "SecurityError");
  });
  history.replaceState(null, "", "/join/%E0%A4%A");
  expect(arrive()).toEqual({ room: "%E0%A4%A", token: null });
  vi.restoreAllMocks();
});
