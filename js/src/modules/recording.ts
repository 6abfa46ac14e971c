/** What records this participant, as a module: it is loaded in idle time, before anybody records. */
import type { ModuleFactory } from "../call/modules";
import { SelfRecorder } from "../recording/self-recorder";

const factory: ModuleFactory<"recording"> = () => ({
  createRecorder: (options) => new SelfRecorder(options),
});

export default factory;
