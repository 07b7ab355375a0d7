//! `erc-server serve`.

use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;

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
    let metrics = metrics_listener(&app).await?;
    let app = Arc::new(app);
    let server = app
        .lifecycle
        .spawn("http", http::serve(app.clone(), listener));
    if let Some(listener) = metrics {
        let address = listener.local_addr()?;
        app.lifecycle
            .spawn("metrics", http::serve_metrics(app.clone(), listener));
        tracing::info!(%address, "metrics are served");
    }
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

/// Never a socket that was passed on: that one is for clients.
async fn metrics_listener(app: &App) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = app.config.metrics_listen else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("listening for metrics on {address}"))?;
    Ok(Some(listener))
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
