/** Which notebook program shows this page, and what works there. */
import type { Result } from "./finding";

type Host = "jupyterlab" | "notebook" | "jupyterlite" | "vscode" | "colab" | "marimo" | "voila" | "other";

const WORKS: Record<Host, Result> = {
  jupyterlab: ["good", "JupyterLab: camera, screen and every way to the relay work here."],
  notebook: ["good", "Jupyter Notebook: camera, screen and every way to the relay work here."],
  jupyterlite: [
    "problem",
    "JupyterLite runs Python in this page, without sockets and threads: there can be no relay.",
    "Open the notebook on a Jupyter server.",
  ],
  vscode: [
    "warning",
    "VS Code gives no camera or microphone to notebooks; a call can be watched and taught here.",
    "Join in a browser beside it, by the widget's link or room.link(), or use video='pattern', audio='tone'.",
  ],
  colab: ["good", "Colab: camera works in a cell's output, and signaling goes through the kernel."],
  marimo: [
    "good",
    "marimo: camera works; signaling through the kernel waits while a cell runs. Wrap widgets in mo.ui.anywidget.",
  ],
  voila: ["good", "Voilà: camera and signaling through the kernel work here."],
  other: ["not checked", "This program is not recognised; the other lines say what works in it."],
};

/** The host as it shows in the page's address and elements. */
export function recognise(page: Document, place: Pick<Location, "protocol" | "hostname">): Host {
  if (place.protocol === "vscode-webview:" || page.body.classList.contains("vscode-body")) return "vscode";
  if (/(^|\.)(googleusercontent\.com|colab\.research\.google\.com)$/.test(place.hostname)) return "colab";
  if (page.querySelector("marimo-filename, marimo-island, marimo-mode")) return "marimo";
  const config = page.getElementById("jupyter-config-data")?.textContent ?? "";
  if (config.includes('"litePluginSettings"')) return "jupyterlite";
  if (page.querySelector("#voila-grid, #rendered_cells, body[data-voila]")) return "voila";
  if (/"appName"\s*:\s*"Jupyter Notebook"/.test(config) || page.querySelector("body[data-notebook]"))
    return "notebook";
  return config ? "jupyterlab" : "other";
}

export function host(page: Document): Result {
  return WORKS[recognise(page, page.defaultView?.location ?? location)];
}
