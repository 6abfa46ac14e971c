/** The signals library as a module has it: the very one of the bundle that has loaded the module. See build.mjs. */
import type { Signals } from "../call/modules";

export let computed: Signals["computed"];
export let effect: Signals["effect"];
export let signal: Signals["signal"];

/** Called by a module's factory, before anything of it runs. */
export function provideSignals(signals: Signals): void {
  ({ computed, effect, signal } = signals);
}
