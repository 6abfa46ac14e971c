// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forget, recall, remember } from "../../src/call/reload-memory";

const MEMORY = { resume: "a token", on: { audio: false, video: true }, declined: ["r1"] };

beforeEach(() => {
  sessionStorage.clear();
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("what a page leaves for its reload", () => {
  it("is found once: a duplicated tab finds nothing", () => {
    remember("owner", MEMORY);
    expect(recall("owner")).toEqual(MEMORY);
    expect(recall("owner")).toBeNull();
    expect(sessionStorage.length).toBe(0);
  });

  it("is another widget's business for another owner", () => {
    remember("owner", MEMORY);
    expect(recall("other")).toBeNull();
    expect(recall("owner")).toEqual(MEMORY);
  });

  it("is not used when it is a minute old, and not kept", () => {
    remember("owner", MEMORY);
    vi.advanceTimersByTime(60_000);
    expect(recall("owner")).toBeNull();
    expect(sessionStorage.length).toBe(0);
  });

  it("can be forgotten", () => {
    remember("owner", MEMORY);
    forget("owner");
    expect(recall("owner")).toBeNull();
  });

  it("may be damaged", () => {
    sessionStorage.setItem("rtc_widget:owner", "{");
    expect(recall("owner")).toBeNull();
  });

  it("is nothing where storage is denied", () => {
    const storage = sessionStorage;
    remember("owner", MEMORY);
    const denied = () => {
      throw new DOMException("denied", "SecurityError");
    };
    vi.stubGlobal("sessionStorage", { setItem: denied, getItem: denied, removeItem: denied });
    remember("owner", { ...MEMORY, resume: "another" });
    forget("owner");
    expect(recall("owner")).toBeNull();

    vi.stubGlobal("sessionStorage", storage);
    expect(recall("owner")).toEqual(MEMORY);
  });
});
