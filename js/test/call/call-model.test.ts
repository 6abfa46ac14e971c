// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CallModel } from "../../src/call/call-model";
import { createCall } from "../../src/call/create-call";
import { remember } from "../../src/call/reload-memory";
import type { Invitation } from "../../src/protocol/comm";
import { RtcError } from "../../src/protocol/errors";
import type { Auth } from "../../src/signaling/transport";
import { FakeModel } from "../support/fake-model";

const tried: Auth[] = [];
const asked = vi.fn(() => new Promise<MediaStream>(() => undefined));

let refuse: (error: RtcError) => void = () => undefined;

// A way to the relay that never arrives, unless it is refused: these tests look at who sets out, and when.
vi.mock("../../src/signaling/ways", () => ({
  jupyterBase: () => null,
  waysTo: () => [
    {
      headStart: 0,
      connect: (auth: Auth) => {
        tried.push(auth);
        return new Promise((_, reject) => {
          refuse = reject;
        });
      },
    },
  ],
}));

let call: CallModel;
let model: FakeModel;

/** A tab, whose Jupyter client is `session` where the host shows it. */
function tab(session?: string, traits: Record<string, unknown> = { video: "camera", audio: "microphone" }) {
  model = new FakeModel(traits, session);
  call = createCall(model);
}

function beat(invitation?: Partial<Invitation>, joined = false, port = 1, more = {}): void {
  const first = { key: "first", token: "an invitation", session: null, now: false, client: null };
  model.receive({
    kind: "heartbeat",
    to: "*",
    relay: `http://127.0.0.1:${port}`,
    local: true,
    owner: "owner",
    token: "the room's",
    iceServers: [],
    joined,
    ...more,
    ...(invitation ? { invitation: { ...first, ...invitation } } : {}),
  });
}

const tokens = () => tried.map(({ token }) => token);

beforeEach(() => {
  vi.useFakeTimers();
  tried.length = 0;
  asked.mockClear();
  sessionStorage.clear();
  vi.stubGlobal("MediaStream", class {});
  const devices = Object.assign(new EventTarget(), {
    getUserMedia: asked,
    enumerateDevices: () => Promise.resolve([]),
  });
  vi.stubGlobal("navigator", { mediaDevices: devices });
});

afterEach(() => {
  call.dispose();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("an invitation", () => {
  it("lets the tab in which the cell was run join, and open its camera at once", async () => {
    tab("mine");
    call.viewAdded();
    beat({ session: "mine" });
    await vi.advanceTimersByTimeAsync(0);
    expect(tokens()).toEqual(["an invitation"]);
    expect(asked).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(call.phase.value).toBe("connecting");
  });

  it("is not for the tab of another session, which offers to join", async () => {
    tab("mine");
    call.viewAdded();
    beat({ session: "other" });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(tokens()).toEqual([]);
    expect(call.phase.value).toBe("idle");
    expect(asked).not.toHaveBeenCalled();
  });

  it("waits on other hosts until the kernel vouches for the page, and nowhere else", async () => {
    vi.stubGlobal("location", { origin: "http://127.0.0.1:2718", hostname: "127.0.0.1" });
    tab();
    call.viewAdded();
    expect(model.sent.find(({ kind }) => kind === "hello")).toMatchObject({
      origin: "http://127.0.0.1:2718",
    });
    beat({}, false, 1, { originTokens: {} });
    await vi.advanceTimersByTimeAsync(0);
    expect(tokens()).toEqual([]);
    beat({}, false, 1, { originTokens: { "http://127.0.0.1:2718": "a token" } });
    await vi.advanceTimersByTimeAsync(0);
    expect(tokens()).toEqual(["an invitation"]);

    tab("mine");
    call.viewAdded();
    beat({ session: "mine" }, false, 1, { originTokens: {} });
    await vi.advanceTimersByTimeAsync(0);
    expect(tokens()).toEqual(["an invitation", "an invitation"]);
  });

  describe("that is to come, because the kernel is still being set up,", () => {
    const expectTab = (session: string) => model.receive({ kind: "expect", to: "*", session });

    it("opens the camera of the tab in which the cell was run, which joins when it has come", () => {
      tab("mine");
      call.viewAdded();
      expectTab("mine");
      expect(asked).toHaveBeenCalledOnce();
      expect(tokens()).toEqual([]);
      expect(call.local.media.value.video).toBe(false);

      beat({ session: "mine" });
      expect(tokens()).toEqual(["an invitation"]);
      expect(asked).toHaveBeenCalledOnce();
    });

    it("opens nothing in another tab, nor before the widget is shown", () => {
      tab("mine");
      expectTab("other");
      call.viewAdded();
      expect(asked).not.toHaveBeenCalled();
      tab("mine");
      expectTab("mine");
      expect(asked).not.toHaveBeenCalled();
      call.viewAdded();
      expect(asked).toHaveBeenCalledOnce();
    });

    it("is not followed by a person who has left meanwhile, and Join is offered", () => {
      tab("mine");
      call.viewAdded();
      expectTab("mine");
      call.leave();
      call.viewAdded();
      expect(asked).toHaveBeenCalledOnce();
      beat({ session: "mine" });
      expect(tokens()).toEqual([]);
      expect(call.phase.value).toBe("idle");

      call.join();
      expect(tokens()).toEqual(["the room's"]);
    });

    it.each([
      ["another tab is invited", () => beat({ session: "other" })],
      ["the kernel says nothing more", () => vi.advanceTimersByTime(16_000)],
    ])("is given up, and the camera goes off, where %s", (_why, happens) => {
      tab("mine");
      call.viewAdded();
      expectTab("mine");
      happens();
      vi.advanceTimersByTime(1_000);

      expect(call.phase.value).toBe("idle");
      beat({ session: "mine", key: "next" });
      expect(tokens()).toEqual(["an invitation"]);
    });
  });

  it("waits for a view, because a widget that is not shown joins nowhere", () => {
    tab();
    beat({});
    expect(tokens()).toEqual([]);
    call.viewAdded();
    expect(tokens()).toEqual(["an invitation"]);
  });

  it("is followed without a view when Python waits for the call", () => {
    tab();
    beat({ now: true });
    expect(tokens()).toEqual(["an invitation"]);
  });

  it("is not for the tab of another session even when Python waits", () => {
    tab("mine");
    beat({ now: true, session: "other" });
    expect(tokens()).toEqual([]);
  });

  it.each([
    ["the kernel does not know who ran the cell", "mine", null],
    ["the host does not show who runs cells", undefined, "a session"],
  ])("opens no camera before the relay admits this tab, where %s", async (_why, mine, ran) => {
    tab(mine);
    call.viewAdded();
    beat({ session: ran });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(tokens()).toEqual(["an invitation"]);
    expect(call.phase.value).toBe("connecting");
    expect(asked).not.toHaveBeenCalled();
  });

  it("is tried once, and a new one again", () => {
    tab();
    call.viewAdded();
    beat({});
    call.leave();
    beat({});
    expect(tokens()).toEqual(["an invitation"]);
    beat({ key: "second", token: "another" });
    expect(tokens()).toEqual(["an invitation", "another"]);
  });

  it("is not needed by the reload of a page that was in the call", async () => {
    remember("owner", { resume: "proof", on: { audio: true, video: false }, declined: [] });
    tab("another after the reload");
    call.viewAdded();
    beat();
    await vi.advanceTimersByTimeAsync(0);
    expect(tokens()).toEqual(["the room's"]);
    expect(asked).toHaveBeenCalledOnce();
    expect(Object.keys((asked.mock.calls as unknown[][])[0]?.[0] as object)).toEqual(["audio"]);
  });
});

describe("without a kernel", () => {
  it("nothing is opened, and after a while the output says what it is", async () => {
    tab();
    call.viewAdded();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(call.phase.value).toBe("waiting");
    expect(call.notices.value).toEqual([]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(call.notices.value.map(({ code }) => code)).toEqual(["kernel_absent"]);
    expect(tokens()).toEqual([]);
    expect(asked).not.toHaveBeenCalled();
  });

  it("joining by hand waits for its next heartbeat", async () => {
    tab();
    call.viewAdded();
    beat();
    await vi.advanceTimersByTimeAsync(7_000);
    call.join();
    expect(tokens()).toEqual([]);
    expect(model.sent.filter(({ kind }) => kind === "hello")).toHaveLength(2);
    beat();
    expect(tokens()).toEqual(["the room's"]);
  });
});

describe("a relay in whose place another one has come meanwhile", () => {
  const phases = () => model.sent.filter(({ kind }) => kind === "phase").map(({ phase }) => phase);

  it("has who was invited wait for an invitation to the new one", async () => {
    tab();
    call.viewAdded();
    beat({});
    expect(tokens()).toEqual(["an invitation"]);
    beat({ key: "second", token: "an invitation to the new one" }, false, 2);
    refuse(new RtcError("bad_token", "Not from this relay."));
    await vi.advanceTimersByTimeAsync(0);
    expect(call.phase.value).toBe("idle");
    expect(phases()).not.toContain("failed");
    beat({ key: "second", token: "an invitation to the new one" }, false, 2);
    await vi.advanceTimersByTimeAsync(0);
    expect(tokens()).toEqual(["an invitation", "an invitation to the new one"]);
  });

  it("has who pressed Join join the new one", async () => {
    tab();
    call.viewAdded();
    beat();
    call.join();
    beat(undefined, false, 2);
    refuse(new RtcError("relay_unreachable", "No relay answers."));
    await vi.advanceTimersByTimeAsync(0);
    expect(tokens()).toEqual(["the room's", "the room's"]);
    expect(phases()).not.toContain("failed");
  });

  it("is a refusal like any other where there is no other", async () => {
    tab();
    call.viewAdded();
    beat();
    call.join();
    refuse(new RtcError("bad_token", "Not from this relay."));
    await vi.advanceTimersByTimeAsync(0);
    expect(call.phase.value).toBe("failed");
    expect(tokens()).toEqual(["the room's"]);
  });
});

describe("a call in another tab", () => {
  const asksToMove = () => model.sent.filter(({ kind }) => kind === "move").length;

  it("is moved by a click: the kernel is asked, and invites this tab when the other has left", async () => {
    tab();
    call.viewAdded();
    beat(undefined, true);
    expect(call.elsewhere.value).toBe(true);
    call.join();
    expect(asksToMove()).toBe(1);
    expect(tokens()).toEqual([]);
    beat({ key: "moved", client: String(model.sent[0]?.client_id), now: true });
    await vi.advanceTimersByTimeAsync(0);
    expect(tokens()).toEqual(["an invitation"]);
    expect(asked).toHaveBeenCalledOnce();
  });

  it("is not joined by a tab that did not ask", () => {
    tab();
    call.viewAdded();
    beat({ client: "somebody else", now: true }, true);
    expect(tokens()).toEqual([]);
  });

  it("is here, and nowhere else, for the tab that has it", async () => {
    tab();
    call.viewAdded();
    beat();
    call.join();
    await vi.advanceTimersByTimeAsync(0);
    beat(undefined, true);
    expect(call.elsewhere.value).toBe(false);
  });

  it("is joined as ever once it has ended there", () => {
    tab();
    call.viewAdded();
    beat(undefined, true);
    beat();
    call.join();
    expect(asksToMove()).toBe(0);
    expect(tokens()).toEqual(["the room's"]);
  });
});

describe("the person", () => {
  it("joins by a click, with the camera at once", async () => {
    tab();
    call.viewAdded();
    beat();
    expect(call.phase.value).toBe("idle");
    call.join();
    await vi.advanceTimersByTimeAsync(0);
    expect(tokens()).toEqual(["the room's"]);
    expect(asked).toHaveBeenCalledOnce();
  });

  it("joins once, however often the button is pressed", () => {
    tab();
    call.viewAdded();
    beat();
    call.join();
    call.join();
    beat({});
    expect(tokens()).toEqual(["the room's"]);
  });
});
