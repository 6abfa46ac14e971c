/** What the bundler puts in; in tests it is Node's own. */
declare const process: { readonly env: { readonly NODE_ENV?: string; readonly BUILD?: string } };
