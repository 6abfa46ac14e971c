/** So much at once, a multiple of four: a string of a whole video would need its size three times over. */
const CHUNK = 1 << 20;

type Decoder = { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };

/** Bytes of base64 text, as parts of a Blob. */
export function decode(text: string): Uint8Array<ArrayBuffer>[] {
  const { fromBase64 } = Uint8Array as Decoder;
  if (fromBase64) return [fromBase64.call(Uint8Array, text)];
  const parts = [];
  for (let start = 0; start < text.length; start += CHUNK) {
    parts.push(Uint8Array.from(atob(text.slice(start, start + CHUNK)), (letter) => letter.charCodeAt(0)));
  }
  return parts;
}
