/** Where a script looks that was made to run in a part of a page (see `showLive`). */
declare var rtcwShown: ParentNode | undefined;

/** What the bundler puts in; in tests it is Node's own. */
declare const process: { readonly env: { readonly NODE_ENV?: string; readonly BUILD?: string } };
