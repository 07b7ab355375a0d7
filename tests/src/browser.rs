//! Chromium without a window, driven through its `WebDriver`, for the server's own pages.

use std::{
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;

use crate::{
    programs::repository,
    wait::{DEADLINE, eventually},
};

const PAUSE: Duration = Duration::from_millis(40);

/// A browser with one page, and its driver.
pub struct Browser {
    driver: WebDriver,
    _process: Driver,
    _profile: TempDir,
}

/// Kills the driver, and with it the browser, when dropped.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Browser {
    /// Opens this address in a page of so many CSS pixels; `zoom` is 2 for 200 %.
    ///
    /// # Panics
    /// If `chromedriver` or `chromium` is not installed (`scripts/install test`).
    pub async fn open(url: &str, (width, height): (u32, u32), zoom: u32) -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let mut process = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Driver)
            .expect("chromedriver is installed (scripts/install test)");
        eventually("the driver listens", async || {
            assert!(
                matches!(process.0.try_wait(), Ok(None)),
                "the driver ended by itself"
            );
            TcpStream::connect(("127.0.0.1", port)).ok()
        })
        .await;
        let profile = tempfile::tempdir().expect("the temporary folder takes one more");
        let mut wanted = Capabilities::new();
        let arguments = [
            "--headless=new".to_owned(),
            // Root may not use the sandbox, and the pages are ours.
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        // The page alone, without a frame around it.
        let metrics = json!({
            "width": width / zoom, "height": height / zoom, "pixelRatio": zoom,
            "mobile": false, "touch": false,
        });
        let options = json!({ "args": arguments, "mobileEmulation": { "deviceMetrics": metrics } });
        wanted
            .set("browserName", "chrome")
            .and_then(|()| wanted.set("goog:chromeOptions", options))
            .expect("the options are JSON");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted)
            .await
            .expect("the browser opens");
        let browser = Self {
            driver,
            _process: process,
            _profile: profile,
        };
        browser.go(url).await;
        browser
    }

    /// Opens another address.
    pub async fn go(&self, url: &str) {
        self.driver.goto(url).await.expect("the page opens");
    }

    /// What a script in the page returns.
    pub async fn script(&self, script: &str) -> Value {
        self.driver
            .execute(script, Vec::new())
            .await
            .map_or(Value::Null, |value| value.json().clone())
    }

    /// Waits until the expression is true in the page.
    pub async fn is_so(&self, expression: &str) {
        let begun = Instant::now();
        while self.script(&format!("return Boolean({expression});")).await != true {
            if begun.elapsed() > DEADLINE {
                self.picture("browser-failed").await;
                let text = self.script("return document.body.innerText;").await;
                panic!(
                    "waited in vain: {expression}\n{}",
                    text.as_str().unwrap_or("")
                );
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until the page says this.
    pub async fn says(&self, text: &str) {
        self.is_so(&format!(
            "document.body.innerText.includes({})",
            json!(text)
        ))
        .await;
    }

    /// Types into whatever has the focus, as a person does who uses no mouse.
    pub async fn keys(&self, keys: &str) {
        self.driver
            .action_chain()
            .send_keys(keys)
            .perform()
            .await
            .expect("keys reach the page");
    }

    /// The element that has the focus: its id, or its text.
    pub async fn focus(&self) -> String {
        let focused = self
            .script("const one = document.activeElement; return one.id || one.innerText;")
            .await;
        focused.as_str().unwrap_or_default().to_owned()
    }

    /// What the page complained of: refused by its policy, or failed.
    pub async fn complaints(&self) -> Vec<String> {
        // What the page's own code failed at, told to the window.
        let told = self.script("return window.complaints ?? [];").await;
        let told = told.as_array().cloned().unwrap_or_default();
        told.iter().map(ToString::to_string).collect()
    }

    /// Gathers [`Self::complaints`] from now on.
    pub async fn listen_for_complaints(&self) {
        self.script(
            "window.complaints = [];
             for (const kind of ['error', 'unhandledrejection', 'securitypolicyviolation'])
               window.addEventListener(kind, (event) => window.complaints.push(
                 kind + ': ' + (event.message ?? event.reason ?? event.blockedURI)));",
        )
        .await;
    }

    /// Keeps a picture in `tests/output/`.
    pub async fn picture(&self, name: &str) -> PathBuf {
        let folder = repository().join("tests/output");
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let path = folder.join(format!("{name}.png"));
        if let Err(error) = self.driver.screenshot(&path).await {
            eprintln!("no picture {name}: {error}");
        }
        path
    }

    /// Ends the browser.
    pub async fn close(self) {
        let _ = self.driver.quit().await;
    }
}
