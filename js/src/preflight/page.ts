/** What this page may do: is it secure, does its policy allow cameras, what did the person answer? */
import { insecureContext } from "../media/errors";
import { listed, type Result, sentence } from "./finding";

export function secure(): Result {
  if (isSecureContext) return ["good", "The page is a secure context, so the browser may give it a camera."];
  return [
    "problem",
    "The page is neither https:// nor localhost, so the browser gives it no camera, microphone or screen.",
    insecureContext().message,
  ];
}

const FEATURES = { camera: "camera", microphone: "microphone", "display-capture": "sharing the screen" };

type Policy = { allowsFeature(name: string): boolean };

/** The policy of the page and of every frame around it (W3C Permissions Policy); Firefox does not tell it. */
export function policy(page: Document): Result {
  const policies = page as { permissionsPolicy?: Policy; featurePolicy?: Policy };
  const found = policies.permissionsPolicy ?? policies.featurePolicy;
  if (!found) return ["not checked", "This browser does not tell what the page's policy allows."];
  const refused = Object.entries(FEATURES).filter(([name]) => !found.allowsFeature(name));
  if (refused.length === 0)
    return ["good", "The page's policy allows camera, microphone and sharing the screen."];
  return [
    refused.some(([name]) => name !== "display-capture") ? "problem" : "warning",
    `The page's policy, or that of a frame around it, forbids ${listed(refused.map(([, words]) => words))}.`,
    'Whoever embeds the page sets allow="camera; microphone; display-capture" on its iframe; or open it in a tab of its own.',
  ];
}

const ANSWERS = { granted: "allowed", prompt: "will be asked for", denied: "refused" } as const;

/** The person's answer so far, asked of nobody. */
export async function permission(): Promise<Result> {
  const states: [string, PermissionState][] = [];
  for (const name of ["camera", "microphone"]) {
    try {
      const { state } = await navigator.permissions.query({ name: name as PermissionName });
      states.push([name, state]);
    } catch {
      // A browser that does not know the name.
    }
  }
  if (states.length === 0) return ["not checked", "This browser does not tell before it asks."];
  const [first] = states as [[string, PermissionState]];
  const text = states.every(([, state]) => state === first[1])
    ? `${listed(states.map(([name]) => name))} ${states.length > 1 ? "are" : "is"} ${ANSWERS[first[1]]}`.replace(
        "are will be",
        "will be",
      )
    : listed(
        states.map(([name, state]) => `the ${name} ${state === "prompt" ? "" : "is "}${ANSWERS[state]}`),
      );
  if (!states.some(([, state]) => state === "denied")) return ["good", `${sentence(text)}.`];
  return [
    "problem",
    `${sentence(text)}.`,
    "Allow it in the address bar's site settings, then reload the page.",
  ];
}
