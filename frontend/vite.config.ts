import { defineConfig } from "vite";

// The bundle is built ahead and committed: file names carry no hash, so that a rebuild compares byte for byte.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../src/motherlode/web/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    // One style sheet and no preloads: a view is then one import, which the page can try again by itself.
    cssCodeSplit: false,
    modulePreload: false,
    chunkSizeWarningLimit: 1600,
    rollupOptions: {
      output: {
        entryFileNames: "assets/[name].js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
      },
    },
  },
});
