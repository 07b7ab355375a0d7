//! The desktop app: thin commands and one event stream between `erc-client-core` and the page.
//!
//! The page holds no token, opens no connection and reads no file. It asks through [`commands`]
//! and listens to one stream ([`wire::AppEvent`]); everything it can be told is a type in
//! [`wire`] or in client-core's `view`, exported to TypeScript.

mod commands;
mod error;
mod events;
mod link;
mod state;
mod window;
pub mod wire;

pub use error::{CommandError, Trouble};

use erc_client_core::Home;
use tauri::{Manager, RunEvent, WindowEvent};

use crate::state::Desktop;

/// Runs the app until its window is closed. Fails if the window system does.
pub fn run() -> tauri::Result<()> {
    let root = Home::default_path();
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_opener::init())
        .plugin(window::remember_place(&root))
        .manage(Desktop::new(Home::open(&root)))
        .invoke_handler(commands::handler())
        .on_window_event(|window, event| {
            if let WindowEvent::Focused(active) = event {
                window.state::<Desktop>().set_active(*active);
            }
        })
        .setup(move |app| Ok(window::open(app, &root)?))
        .build(tauri::generate_context!())?;
    app.run(|app, event| {
        if let RunEvent::Exit = event {
            tauri::async_runtime::block_on(app.state::<Desktop>().close());
        }
    });
    Ok(())
}
