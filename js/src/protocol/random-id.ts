/** A random id for one life of something; `crypto.randomUUID` is missing on pages that are not secure contexts. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
