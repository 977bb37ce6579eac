// One page, its script and its style, under names that do not change: the binary embeds them.
import {defineConfig} from "vite";

export default defineConfig({
  base: "/pages/",
  logLevel: "warn",
  build: {
    target: "es2020",
    assetsDir: "",
    modulePreload: {polyfill: false},
    emptyOutDir: true,
    rollupOptions: {
      input: "freshness.html",
      output: {entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]"},
    },
  },
});
