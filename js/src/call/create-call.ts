/** Puts the parts of a call together. */
import { Playback } from "../media/playback";
import type { Model } from "../protocol/comm";
import { Admission } from "./admission";
import { CallCommands } from "./call-commands";
import { CallModel } from "./call-model";
import { CallState } from "./call-state";
import { kernelHost, kernelWishes } from "./kernel-host";
import { KernelLink } from "./kernel-link";
import { KernelPresence } from "./kernel-presence";
import { LocalSources } from "./local-sources";
import { MediaChannels } from "./media-channels";
import { ModuleLoader } from "./module-loader";
import { NoticeBoard } from "./notice-board";
import { moduleBroken, moduleLate } from "./notices";
import { RecordingModel } from "./recording-model";
import { RoomSession } from "./room-session";

export function createCall(model: Model): CallModel {
  const link = new KernelLink(model);
  const presence = new KernelPresence();
  const state = new CallState();
  const notices = new NoticeBoard();
  const playback = new Playback();
  const sources = new LocalSources(kernelWishes(link));
  const recordings = new RecordingModel((key, notice) => notices.show(key, notice));
  const modules = new ModuleLoader({
    send: (request) => link.send(request),
    onSilent: (name, retry) => notices.show(`module:${name}`, moduleLate(name, retry)),
    onLoaded: (name) => notices.show(`module:${name}`, null),
    onBroken: (name) => notices.show(`module:${name}`, moduleBroken(name)),
  });
  const session = new RoomSession({
    host: kernelHost(link, presence),
    state,
    notices,
    sources,
    recordings,
    playback,
  });
  return new CallModel({
    link,
    presence,
    admission: new Admission(link.session, link.clientId),
    state,
    notices,
    sources,
    session,
    commands: new CallCommands(session, sources),
    recordings,
    channels: new MediaChannels(link, modules, session),
    modules,
    playback,
  });
}
