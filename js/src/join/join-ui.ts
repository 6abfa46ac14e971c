import type { ViewContext } from "../ui/dom";
import type { JoinCall } from "./join-call";

/** What every part of the page shares. */
export type JoinUi = ViewContext & { readonly call: JoinCall };
