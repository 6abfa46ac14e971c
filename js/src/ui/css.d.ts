// Entries have their styles gathered next to them; modules have theirs as text (see build.mjs).
declare module "*.css" {
  const text: string;
  export default text;
}
