/** The name that a person has joined with: for a reload of this tab, and for the next time on this device. */
const KEY = "rtc_widget.name";

export function rememberedName(): string {
  try {
    return sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export function rememberName(name: string): void {
  try {
    sessionStorage.setItem(KEY, name);
    localStorage.setItem(KEY, name);
  } catch {
    // Storage is denied here: the name is typed again.
  }
}
