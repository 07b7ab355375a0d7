import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [svelte()],
  clearScreen: false,
  server: { port: 1420, strictPort: true, watch: { ignored: ["**/src-tauri/**"] } },
  // The oldest web view that we support: WebKitGTK 2.40 and macOS 13.
  build: { target: "safari16", sourcemap: false },
});
