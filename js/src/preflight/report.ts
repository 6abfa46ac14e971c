/** One report in one tab, however many views show it: the browser's examination, and what the kernel says. */
import type { Model } from "../protocol/comm";
import { Examination, type Reach } from "./examination";
import type { Finding } from "./finding";
import { DoctorLink } from "./link";

/** A kernel that lives and is not busy answers in a fraction of this. */
const SILENT_MS = 6_000;
const SEND_MS = 100;

export class Report {
  readonly examination: Examination;
  readonly #model: Model;
  readonly #link: DoctorLink;
  /** What the kernel sent before any request: it may be too busy to answer later. */
  #known: Reach | null = null;
  #state: "idle" | "requested" | "answered" = "idle";
  #silent: ReturnType<typeof setTimeout> | undefined;
  #sending: ReturnType<typeof setTimeout> | undefined;

  constructor(model: Model, page: Document) {
    this.#model = model;
    this.examination = new Examination(page);
    this.#link = new DoctorLink(model, (reach) => this.#receive(reach));
  }

  /** The kernel's findings, as saved with the notebook. */
  get kernel(): Finding[] {
    return (this.#model.get("kernel_findings") as Finding[] | undefined) ?? [];
  }

  /** When the kernel found them, in ms since the epoch. */
  get examinedAt(): number {
    return (this.#model.get("examined_at") as number | undefined) ?? 0;
  }

  /** Whether the kernel has not answered the request. */
  get isSilent(): boolean {
    return this.#state === "idle";
  }

  /** Begin with the first view: what nobody sees is not checked. */
  shown(): void {
    if (this.examination.findings.length > 0) return;
    this.examination.listen(this.#sendLater);
    this.examination.begin();
    this.#request(false);
    if (this.#known) this.#receive(this.#known);
  }

  /** Do everything once more, in the kernel too. */
  again(): void {
    this.#request(true);
    this.examination.begin();
  }

  listen(listener: () => void): () => void {
    const unlisten = this.examination.listen(listener);
    this.#model.on("change:kernel_findings", listener);
    return () => {
      unlisten();
      this.#model.off("change:kernel_findings", listener);
    };
  }

  dispose(): void {
    clearTimeout(this.#silent);
    clearTimeout(this.#sending);
    this.examination.dispose();
    this.#link.close();
  }

  #request(again: boolean): void {
    this.#state = "requested";
    this.#link.requestTarget(again);
    clearTimeout(this.#silent);
    this.#silent = setTimeout(() => {
      this.#state = "idle";
      this.examination.kernelIsSilent();
    }, SILENT_MS);
  }

  #receive(reach: Reach): void {
    this.#known = reach;
    // Sent twice for one request: unrequested at first, and in answer.
    if (this.examination.findings.length === 0 || this.#state === "answered") return;
    clearTimeout(this.#silent);
    this.#state = "answered";
    this.examination.reach(reach, this.#link);
  }

  readonly #sendLater = (): void => {
    clearTimeout(this.#sending);
    this.#sending = setTimeout(() => {
      this.#link.sendFindings(this.examination.findings, this.examination.done);
    }, SEND_MS);
  };
}
