//! The one window: where it stood last time, and what it may show.

use std::path::Path;

use tauri::{
    App, Runtime, Url, WebviewWindowBuilder, plugin::TauriPlugin, webview::NewWindowResponse,
};

/// Keeps place and size in the data folder, beside what belongs to the same person.
pub(crate) fn remember_place<R: Runtime>(root: &Path) -> TauriPlugin<R> {
    tauri_plugin_window_state::Builder::new()
        .with_filename(root.join("window.json").to_string_lossy())
        .build()
}

/// Opens the window of the configuration. It never leaves our own page: links go to the system's
/// browser through a command, and nothing else may navigate or open a second window.
pub(crate) fn open<R: Runtime>(app: &App<R>, root: &Path) -> tauri::Result<()> {
    for config in &app.config().app.windows {
        WebviewWindowBuilder::from_config(app, config)?
            .data_directory(root.join("webview"))
            .on_navigation(is_own_page)
            .on_new_window(|_, _| NewWindowResponse::Deny)
            .build()?;
    }
    Ok(())
}

/// Our page has the scheme `tauri` (on Windows the host `tauri.localhost`); the dev server is
/// allowed in development builds only.
fn is_own_page(url: &Url) -> bool {
    url.scheme() == "tauri"
        || url.host_str() == Some("tauri.localhost")
        || (tauri::is_dev() && url.host_str() == Some("localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_shows_only_its_own_page() {
        let own = |text: &str| is_own_page(&Url::parse(text).unwrap());
        assert!(own("tauri://localhost/index.html"));
        assert!(own("http://tauri.localhost/"));
        assert!(!own("https://example.org/"));
        assert!(!own("file:///etc/passwd"));
        assert!(!own("data:text/html,<b>hi</b>"));
        assert!(!own("https://tauri.localhost.example.org/"));
    }
}
