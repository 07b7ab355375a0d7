//! Embeds the interface. Without a built one (a fresh clone, no Node) a page that says so takes
//! its place, so that `cargo check` works for everybody.

use std::{fs, path::Path};

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
  <meta charset=\"utf-8\" />
  <title>ERC Chat</title>
  <body style=\"font: 16px sans-serif; margin: 3rem\" data-testid=\"placeholder\">
    <h1>The interface is not built</h1>
    <p>This program was compiled before its interface. In <code>desktop/</code> run</p>
    <pre>npm ci &amp;&amp; npm run build</pre>
    <p>and compile it again.</p>
  </body>
</html>
";

fn main() {
    let dist = Path::new("../dist");
    println!("cargo:rerun-if-changed=../dist");
    let page = dist.join("index.html");
    if !page.exists() {
        let written = fs::create_dir_all(dist).and_then(|()| fs::write(&page, PLACEHOLDER));
        match written {
            Ok(()) => println!(
                "cargo:warning=desktop/dist is missing: the window will only say how to build it \
                 (npm ci && npm run build in desktop/)"
            ),
            Err(error) => panic!(
                "desktop/dist/index.html is missing and can't be written ({error}): run `npm ci && \
                 npm run build` in desktop/ first"
            ),
        }
    }
    tauri_build::build();
}
