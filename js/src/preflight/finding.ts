/** What a check found: the twin of `rtc_widget/preflight/finding.py`. */

export type Verdict = "good" | "warning" | "problem" | "not checked";

/** `checking` is only ever seen in the page: what is sent to Python is settled. */
export type Finding = {
  readonly check: string;
  readonly state: Verdict | "checking";
  /** What was found, in a sentence, without any address but those that the user named. */
  readonly text: string;
  /** The one thing to do; empty where nothing is to be done. */
  readonly advice: string;
};

/** What a check says of itself; the name is added by whoever runs it. */
export type Result = readonly [state: Verdict, text: string, advice?: string];

/** "a, b and c". */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

export function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Settle with `promise`, or with `late` after `ms` or when `signal` says that nobody waits any more. */
export async function within<T, L>(
  promise: Promise<T>,
  ms: number,
  late: L,
  signal?: AbortSignal,
): Promise<T | L> {
  let stop = () => {};
  const over = new Promise<L>((resolve) => {
    const timer = setTimeout(() => resolve(late), ms);
    const ended = () => resolve(late);
    signal?.addEventListener("abort", ended, { once: true });
    if (signal?.aborted) resolve(late);
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", ended);
    };
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    stop();
  }
}
