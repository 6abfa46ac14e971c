import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ModuleLoader } from "../../src/call/module-loader";
import { pageWide } from "../../src/protocol/page-wide";

const SOURCE = "export default () => ({ mount: () => () => 'unmounted' });";

let requests: string[];
let news: string[];
let retry: () => void;

function loader(): ModuleLoader {
  return new ModuleLoader({
    send: ({ name }) => requests.push(name),
    onSilent: (name, again) => {
      news.push(`${name} silent`);
      retry = again;
    },
    onLoaded: (name) => news.push(`${name} loaded`),
    onBroken: (name) => news.push(`${name} broken`),
  });
}

const receive = (to: ModuleLoader, source = SOURCE) =>
  to.receive({ kind: "module", name: "preflight", source });

beforeEach(() => {
  requests = [];
  news = [];
  pageWide("modules.", () => new Map<string, string>()).clear();
  vi.useFakeTimers();
  // Node imports no blob: URL, but a data: URL.
  vi.stubGlobal(
    "Blob",
    class {
      constructor(readonly parts: string[]) {}
    },
  );
  vi.spyOn(URL, "createObjectURL").mockImplementation(
    (blob) =>
      `data:text/javascript,${encodeURIComponent((blob as unknown as { parts: string[] }).parts[0]!)}`,
  );
  vi.spyOn(URL, "revokeObjectURL").mockImplementation(() => undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("a module", () => {
  it("is asked for once, and imported when it comes", async () => {
    const modules = loader();
    const [first, second] = [modules.load("preflight"), modules.load("preflight")];
    expect(requests).toEqual(["preflight"]);
    receive(modules);
    expect(await first).toBe(await second);
    expect(await modules.load("preflight")).toBe(await first);
    expect(requests).toEqual(["preflight"]);
    expect(news).toEqual(["preflight loaded"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("of which the kernel does not tell is reported, and may be asked for again", async () => {
    const modules = loader();
    const loading = modules.load("preflight");
    vi.advanceTimersByTime(10_000);
    expect(news).toEqual(["preflight silent"]);
    retry();
    expect(requests).toEqual(["preflight", "preflight"]);
    vi.advanceTimersByTime(10_000);
    expect(news).toEqual(["preflight silent", "preflight silent"]);
    receive(modules);
    await loading;
    expect(news.at(-1)).toBe("preflight loaded");
  });

  it("that another widget of the page has is not asked for", async () => {
    receive(loader());
    await loader().load("preflight");
    expect(requests).toEqual([]);
  });

  it("that cannot be imported is reported, and asked for the next time", async () => {
    const modules = loader();
    const loading = modules.load("preflight");
    receive(modules, "this is no script");
    await expect(loading).rejects.toThrow();
    expect(news).toEqual(["preflight broken"]);
    const again = modules.load("preflight");
    expect(requests).toEqual(["preflight", "preflight"]);
    receive(modules);
    await again;
  });

  it("is not waited for when the call is over", () => {
    const modules = loader();
    void modules.load("preflight");
    modules.dispose();
    vi.advanceTimersByTime(60_000);
    expect(news).toEqual([]);
  });
});
