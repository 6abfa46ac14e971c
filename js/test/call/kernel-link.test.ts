// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { KernelLink } from "../../src/call/kernel-link";
import { FakeModel } from "../support/fake-model";

function link(model = new FakeModel()) {
  const heard: string[] = [];
  const made = new KernelLink(model);
  made.listen({
    heartbeat: () => heard.push("heartbeat"),
    command: ({ action }) => heard.push(action),
    changed: () => heard.push("changed"),
    expect: () => heard.push("expect"),
    panel: () => heard.push("panel"),
    recording: () => heard.push("recording"),
    replay: () => heard.push("replay"),
    module: () => heard.push("module"),
    join_page: () => heard.push("join_page"),
    waiting: () => heard.push("waiting"),
  });
  return { model, heard, link: made };
}

describe("the line to the kernel", () => {
  it("hears what is for everybody and for this tab, and nothing else", () => {
    const { model, heard, link: line } = link();
    for (const to of ["*", line.clientId, "another tab", undefined]) {
      model.receive({ kind: "heartbeat", to });
      model.receive({ kind: "command", action: "leave", to });
      model.receive({ kind: "panel", to });
    }
    expect(heard).toEqual(["heartbeat", "leave", "panel", "heartbeat", "leave", "panel"]);
  });

  it("hands the tunnel only what is for this tab", () => {
    const { model, link: line } = link();
    const heard: unknown[] = [];
    line.onTunnel((message) => heard.push(message.op));
    model.receive({ kind: "tunnel", op: "opened", to: "another tab" });
    model.receive({ kind: "tunnel", op: "closed", to: line.clientId });
    line.onTunnel(null);
    model.receive({ kind: "tunnel", op: "opened", to: line.clientId });
    expect(heard).toEqual(["closed"]);
  });

  it("says in every message which tab it comes from", () => {
    const { model, link: line } = link();
    line.send({ kind: "phase", phase: "joined", unseen: false });
    line.send({ kind: "devices", cameras: ["a camera"], microphones: [] });
    line.sendMessage("p", '{"hello":1}');
    line.sendMessage("p", new ArrayBuffer(2));
    line.send({ kind: "tunnel", op: "close" });
    expect(model.sent.map(({ kind }) => kind)).toEqual([
      "hello",
      "phase",
      "devices",
      "message",
      "message",
      "tunnel",
    ]);
    expect(new Set(model.sent.map(({ client_id }) => client_id))).toEqual(new Set([line.clientId]));
  });

  it("gives every tab an id of its own", () => {
    expect(link().link.clientId).not.toBe(link().link.clientId);
  });

  it("hands on messages as they came: JavaScript would round their numbers", () => {
    const { model, link: line } = link();
    line.sendMessage("p", '{"n":1732575600123456789}');
    line.sendMessage("p", "hello {");
    expect(model.sent.slice(1).map(({ text }) => text)).toEqual(['{"n":1732575600123456789}', "hello {"]);
  });

  it("follows the traits that are the kernel's wishes", () => {
    const { model, heard } = link();
    model.change("video", "pattern");
    model.change("state", "joined");
    expect(heard).toEqual(["changed"]);
  });

  it("knows the Jupyter client of this tab where the host shows it", () => {
    expect(link(new FakeModel({}, "mine")).link.session).toBe("mine");
    expect(link().link.session).toBeNull();
  });

  it("leaves no listener behind", () => {
    const { model, heard, link: line } = link();
    line.close();
    model.receive({ kind: "heartbeat", to: "*" });
    expect(model.listeners).toBe(0);
    expect(heard).toEqual([]);
  });
});
