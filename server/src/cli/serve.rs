//! `erc-server serve`.

use std::sync::Arc;

use super::first_start;
use crate::app::App;
use crate::{http, lifecycle, listen};

/// Runs until SIGTERM or SIGINT, then drains.
#[expect(clippy::print_stdout, reason = "programs wait for this line")]
pub(super) async fn serve(app: App) -> anyhow::Result<()> {
    first_start::greet(&app).await?;
    let address = app.config.listen;
    let listener = listen::listen(address)?;
    let address = listener.local_addr()?;
    let app = Arc::new(app);
    let server = app
        .lifecycle
        .spawn("http", http::serve(app.clone(), listener));
    println!("listening on http://{address}");
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "the server is ready");

    let lifecycle = app.lifecycle.clone();
    tokio::select! {
        signal = lifecycle::stop_signal() => signal?,
        () = lifecycle.draining() => {}
    }
    tracing::info!("stopping");
    lifecycle.drain_all(app.hub.connections());
    server.await??;
    stop(app).await
}

/// Waits for connections to end, then for the committer, then closes the database.
async fn stop(app: Arc<App>) -> anyhow::Result<()> {
    let lifecycle = app.lifecycle.clone();
    let db = app.db.clone();
    // The committer ends when the last holder of its queue is gone: connections hold the app.
    drop(app);
    anyhow::ensure!(
        lifecycle.stopped().await,
        "some connections did not end in time"
    );
    db.close().await;
    tracing::info!("stopped");
    Ok(())
}
