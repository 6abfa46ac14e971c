// esbuild gathers imported styles in widget.css, next to the bundle; there is nothing to bind.
declare module "*.css";
