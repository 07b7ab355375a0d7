//! The real `erc-desktop` window, driven through `WebKitWebDriver`.
//!
//! The driver is spoken to directly; wry's automation is switched on by its environment variable.

use std::{
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use thirtyfour::prelude::*;

use crate::{
    programs::{program, repository},
    wait::{DEADLINE, eventually},
};

/// How long a picture may take.
const PICTURE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(40);

/// A window and its driver.
pub struct Window {
    driver: WebDriver,
    process: Driver,
}

/// Kills the driver (and with it the window) when dropped.
struct Driver {
    child: Child,
    /// What driver and window complained about.
    log: PathBuf,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            eprintln!("--- the window's complaints:\n{log}\n---");
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}

impl Window {
    /// Opens the window on this home.
    pub async fn open(home: &Path) -> Self {
        let app = program("erc-desktop");
        let log = home.join("window.log");
        let port = free_port();
        let mut process = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("ERC_HOME", home)
            .env("TZ", "UTC")
            // No graphics card under Xvfb.
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).expect("the home is ours"))
            .spawn()
            .map(|child| Driver { child, log })
            .expect("WebKitWebDriver is installed (scripts/install test)");
        eventually("the driver listens", async || {
            assert!(
                matches!(process.child.try_wait(), Ok(None)),
                "the driver ended by itself"
            );
            TcpStream::connect(("127.0.0.1", port)).ok()
        })
        .await;
        let mut wanted = Capabilities::new();
        wanted
            .set(
                "webkitgtk:browserOptions",
                serde_json::json!({ "binary": app, "args": [] }),
            )
            .expect("the options are JSON");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted)
            .await
            .expect("the window opens");
        Self { driver, process }
    }

    fn test_id(id: &str) -> By {
        By::Css(format!("[data-testid=\"{id}\"]"))
    }

    /// The element with this test id, once it is shown.
    pub async fn element(&self, id: &str) -> WebElement {
        self.css(&format!("[data-testid=\"{id}\"]")).await
    }

    /// The first element that fits, once it is shown: it takes room in the page. (The driver's own
    /// idea of "displayed" denies every element that cuts its overflow.)
    pub async fn css(&self, selector: &str) -> WebElement {
        let takes_room = format!(
            "const found = document.querySelector({});
             if (!found) return false;
             const box = found.getBoundingClientRect();
             return box.width > 0 && box.height > 0;",
            serde_json::json!(selector)
        );
        let begun = std::time::Instant::now();
        loop {
            if self.script(&takes_room).await == true
                && let Ok(element) = self.driver.find(By::Css(selector)).await
            {
                return element;
            }
            if begun.elapsed() > DEADLINE {
                self.picture("window-failed").await;
                panic!("nothing is {selector} in:\n{}", self.text().await);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Whether something with this test id is there now.
    pub async fn has(&self, id: &str) -> bool {
        self.driver
            .find_all(Self::test_id(id))
            .await
            .is_ok_and(|found| !found.is_empty())
    }

    /// Empties the field with this test id and types into it.
    pub async fn fill(&self, id: &str, text: &str) {
        let field = self.element(id).await;
        field.clear().await.expect("a field can be emptied");
        field.send_keys(text).await.expect("a field takes text");
    }

    /// Clicks on the element with this test id.
    pub async fn click(&self, id: &str) {
        self.element(id)
            .await
            .click()
            .await
            .expect("what is shown can be clicked");
    }

    /// Everything that the page says.
    pub async fn text(&self) -> String {
        let text = self.script("return document.body.innerText;").await;
        text.as_str().unwrap_or("(no page)").to_owned()
    }

    /// What the element with this test id says, once it is shown.
    pub async fn words(&self, id: &str) -> String {
        self.element(id).await;
        let script = format!(
            "return document.querySelector('[data-testid=' + {} + ']')?.innerText ?? '';",
            serde_json::json!(id)
        );
        self.script(&script)
            .await
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Waits until the page says this.
    pub async fn says(&self, text: &str) {
        self.is_so(&format!("{text:?} in the window"), async |page: &str| {
            page.contains(text)
        })
        .await;
    }

    /// Waits until the page no longer says this.
    pub async fn no_longer_says(&self, text: &str) {
        self.is_so(&format!("no {text:?} in the window"), async |page: &str| {
            !page.contains(text)
        })
        .await;
    }

    async fn is_so(&self, what: &str, fits: impl AsyncFn(&str) -> bool) {
        let begun = std::time::Instant::now();
        loop {
            let page = self.text().await;
            if fits(&page).await {
                return;
            }
            if begun.elapsed() > DEADLINE {
                self.picture("window-failed").await;
                panic!("waited in vain: {what}:\n{page}");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The texts of the messages on the page, from top to bottom.
    pub async fn messages(&self) -> Vec<String> {
        self.script(
            "return [...document.querySelectorAll('[data-testid=message]')]
                .map(row => [row.getBoundingClientRect().top, row.querySelector('[data-testid=message-text]')])
                .filter(([, text]) => text)
                .sort(([a], [b]) => a - b)
                .map(([, text]) => text.textContent.trim());",
        )
        .await
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|text| text.as_str().map(str::to_owned))
        .collect()
    }

    /// Moves the pointer onto the message with this text and clicks on one of its actions.
    pub async fn act(&self, text: &str, action: &str) {
        let mark = format!(
            "for (const row of document.querySelectorAll('[data-testid=message]')) {{
               const said = row.querySelector('[data-testid=message-text]');
               const button = row.querySelector('[data-testid=' + {} + ']');
               if (said && button && said.textContent.trim().startsWith({})) {{
                 row.dataset.testRow = 'this';
                 button.dataset.testAction = 'this';
                 return true;
               }}
             }}
             return false;",
            serde_json::json!(action),
            serde_json::json!(text)
        );
        eventually(&format!("{action} on {text:?}"), async || {
            if self.script(&mark).await != true {
                return None;
            }
            let row = self.driver.find(By::Css("[data-test-row]")).await.ok()?;
            let pointing = self.driver.action_chain().move_to_element_center(&row);
            pointing.perform().await.ok()?;
            let button = self.driver.find(By::Css("[data-test-action]")).await.ok()?;
            let pressing = self.driver.action_chain().click_element(&button);
            let clicked = pressing.perform().await.ok();
            self.script(
                "for (const mark of ['testRow', 'testAction'])
                   for (const old of document.querySelectorAll('[data-test-row], [data-test-action]'))
                     delete old.dataset[mark];",
            )
            .await;
            clicked
        })
        .await;
    }

    /// Runs a script in the page.
    pub async fn script(&self, script: &str) -> serde_json::Value {
        self.driver
            .execute(script, Vec::new())
            .await
            .map_or(serde_json::Value::Null, |value| value.json().clone())
    }

    /// Keeps a picture in `tests/output/`, if the driver takes one: now and then it waits for a
    /// frame that a still page never draws.
    pub async fn picture(&self, name: &str) {
        let folder = repository().join("tests/output");
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let path = folder.join(format!("{name}.png"));
        let taken = tokio::time::timeout(PICTURE, self.driver.screenshot(&path)).await;
        if !matches!(taken, Ok(Ok(()))) {
            eprintln!("no picture {name}: {taken:?}");
        }
    }

    /// Closes the window.
    pub async fn close(self) {
        let _ = self.driver.quit().await;
        drop(self.process);
    }
}
