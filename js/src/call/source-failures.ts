/** Why sources are not on that should be, and the notices that say so. */
import type { RtcError } from "../protocol/errors";
import type { LocalSources, SourceKind } from "./local-sources";
import type { NoticeBoard } from "./notice-board";
import { sourceNotices } from "./notices";
import type { NoticeAction } from "./types";

/**
 * Show a notice of each source that cannot be opened, until it is.
 *
 * @param report - tells others of it
 * @param label - says what can be done instead of opening a camera
 * @param doInstead - does it; `silent` where there is no microphone either
 * @returns `forget` forgets them all: what could not be opened in one call is tried again in the next; `offer` offers
 *   another page to join from
 */
export function showFailures(
  sources: LocalSources,
  notices: NoticeBoard,
  report: (error: RtcError) => void,
  label: string,
  doInstead: (silent: boolean) => void,
): { forget(): void; offer(href: string): void } {
  const failed = new Map<SourceKind, RtcError>();
  const instead: NoticeAction[] = [
    {
      label,
      run: () => {
        failed.delete("video");
        doInstead(failed.delete("audio"));
        show();
      },
    },
  ];
  const show = () => {
    const shown = sourceNotices(failed, {
      retry: (...kinds) => {
        for (const kind of kinds) sources.set(kind, true);
      },
      instead,
    });
    for (const kind of ["audio", "video", "screen"] as const) notices.show(`media:${kind}`, shown[kind]);
  };
  sources.onError = (kind, error) => {
    failed.set(kind, error);
    show();
    report(error);
  };
  sources.onRecovered = (kind) => {
    failed.delete(kind);
    show();
  };
  return {
    forget: () => failed.clear(),
    offer(href) {
      instead[1] = { label: "Join in a browser", href };
      show();
    },
  };
}
