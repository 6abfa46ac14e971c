// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { devices, tryDevices } from "../../src/preflight/devices";
import { listed, within } from "../../src/preflight/finding";
import { recognise } from "../../src/preflight/host";
import { permission, policy, secure } from "../../src/preflight/page";
import { codecs, pair } from "../../src/preflight/webrtc";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  document.body.replaceChildren();
  document.body.className = "";
});

const never = new AbortController().signal;
const states = (answers: Record<string, string>) =>
  vi.stubGlobal("navigator", {
    permissions: {
      query: async ({ name }: { name: string }) => {
        const state = answers[name];
        if (!state) throw new TypeError(`${name} is no permission`);
        return { state };
      },
    },
  });

describe("the page", () => {
  it("says what to do where it is not secure", () => {
    vi.stubGlobal("isSecureContext", false);
    const [state, , advice] = secure();
    expect([state, advice]).toEqual(["problem", expect.stringContaining("https://")]);
  });

  it("names what its policy forbids", () => {
    const page = { featurePolicy: { allowsFeature: (name: string) => name === "microphone" } };
    const [state, text, advice] = policy(page as unknown as Document);
    expect(state).toBe("problem");
    expect(text).toContain("forbids camera and sharing the screen.");
    expect(advice).toContain("allow=");
    expect(policy({} as Document)[0]).toBe("not checked");
  });

  it.each([
    [{ camera: "granted", microphone: "granted" }, "good", "Camera and microphone are allowed."],
    [{ camera: "prompt", microphone: "prompt" }, "good", "Camera and microphone will be asked for."],
    [
      { camera: "granted", microphone: "prompt" },
      "good",
      "The camera is allowed and the microphone will be asked for.",
    ],
    [{ camera: "denied", microphone: "denied" }, "problem", "Camera and microphone are refused."],
    [{ camera: "denied" }, "problem", "Camera is refused."],
    [{}, "not checked", "This browser does not tell before it asks."],
  ])("tells the permissions %o", async (answers, state, text) => {
    states(answers as Record<string, string>);
    expect((await permission()).slice(0, 2)).toEqual([state, text]);
  });

  it("recognises its host", () => {
    const at = (hostname: string, protocol = "https:") => recognise(document, { hostname, protocol });
    expect(at("localhost")).toBe("other");
    expect(at("x.colab.googleusercontent.com")).toBe("colab");
    expect(at("x", "vscode-webview:")).toBe("vscode");
    document.body.innerHTML =
      '<script id="jupyter-config-data" type="application/json">{"baseUrl": "/"}</script>';
    expect(at("localhost")).toBe("jupyterlab");
    document.body.innerHTML = "<marimo-filename></marimo-filename>";
    expect(at("localhost")).toBe("marimo");
  });
});

describe("cameras and microphones", () => {
  const stub = (kinds: string[], getUserMedia: () => Promise<unknown> = async () => null) => {
    const mediaDevices = { enumerateDevices: async () => kinds.map((kind) => ({ kind })), getUserMedia };
    vi.stubGlobal("navigator", { mediaDevices });
  };

  it("are counted without opening any", async () => {
    const open = vi.fn();
    stub(["videoinput", "audioinput", "audioinput", "audiooutput"], open);
    expect(await devices()).toEqual(["good", "The browser lists a camera and 2 microphones."]);
    expect(open).not.toHaveBeenCalled();
  });

  it("that are missing have something to use instead", async () => {
    stub([]);
    const [state, , advice] = await devices();
    expect([state, advice]).toEqual(["warning", expect.stringContaining("video='pattern', audio='tone'")]);
    vi.stubGlobal("navigator", {});
    expect((await devices())[0]).toBe("problem");
    expect((await tryDevices(never))[0]).toBe("problem");
  });

  it("are closed again at once", async () => {
    const tracks = ["video", "audio"].map((kind) => ({ kind, stop: vi.fn() }));
    stub(["videoinput", "audioinput"], async () => ({ getTracks: () => tracks }));
    expect((await tryDevices(never))[0]).toBe("good");
    for (const { stop } of tracks) expect(stop).toHaveBeenCalledOnce();
  });

  it("are closed even if the answer comes when nobody waits any more", async () => {
    const track = { kind: "video", stop: vi.fn() };
    let answer: (stream: unknown) => void = () => {};
    stub(["videoinput"], () => new Promise((resolve) => (answer = resolve)));
    const end = new AbortController();
    const trying = tryDevices(end.signal);
    await vi.waitFor(() => expect(answer.name).not.toBe("answer"));
    end.abort();
    expect((await trying)[0]).toBe("not checked");
    answer({ getTracks: () => [track] });
    await vi.waitFor(() => expect(track.stop).toHaveBeenCalledOnce());
  });

  it("that are refused say what to do", async () => {
    stub(["videoinput", "audioinput"], async () => {
      throw new DOMException("no", "NotAllowedError");
    });
    const [state, text, advice] = await tryDevices(never);
    expect([state, text]).toEqual(["problem", "The browser refused the camera and microphone."]);
    expect(advice).toMatch(/^Allow it/);
  });
});

describe("WebRTC", () => {
  it("that is switched off says so", async () => {
    vi.stubGlobal("RTCPeerConnection", undefined);
    expect((await pair(never))[0]).toBe("problem");
    vi.stubGlobal("RTCRtpSender", undefined);
    expect(codecs()[0]).toBe("not checked");
  });

  it.each([
    [
      ["VP8", "rtx", "H264", "AV1"],
      ["opus"],
      "good",
      "Sends and receives VP8, H264, AV1 and opus; Python peers share VP8, H264 and opus.",
    ],
    [["VP9"], ["opus"], "problem", "Sends and receives VP9 and opus; Python peers share opus."],
    [["VP8"], [], "problem", "Sends and receives VP8; Python peers share VP8."],
  ])("lists the codecs %o %o", (video, audio, state, text) => {
    const side = {
      getCapabilities: (kind: string) => ({
        codecs: (kind === "video" ? video : audio).map((name) => ({ mimeType: `${kind}/${name}` })),
      }),
    };
    vi.stubGlobal("RTCRtpSender", side);
    vi.stubGlobal("RTCRtpReceiver", side);
    expect(codecs().slice(0, 2)).toEqual([state, text]);
  });
});

it("lists words as a person would", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listed)).toEqual(["", "a", "a and b", "a, b and c"]);
});

it("waits no longer than it was told", async () => {
  expect(await within(new Promise(() => {}), 5, "late")).toBe("late");
  expect(await within(Promise.resolve(1), 1_000, "late")).toBe(1);
  expect(await within(new Promise(() => {}), 1_000, "late", AbortSignal.abort())).toBe("late");
});
