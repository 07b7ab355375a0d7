//! The shell commands: `erc login`, `erc rooms`, `erc send`, `erc tail`, `erc search`.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use erc_tests::{
    network::Link,
    programs::program,
    rest::Person,
    server::{PASSWORD, TestServer, run_with_input},
    wait::eventually_sync,
};
use serde_json::Value;

fn erc(home: &Path) -> Command {
    let mut command = Command::new(program("erc"));
    command.env("ERC_HOME", home).env("NO_COLOR", "1");
    command
}

pub(crate) fn run(home: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = erc(home);
    command.args(arguments);
    run_with_input(command, input)
}

/// The output of a success.
#[track_caller]
pub(crate) fn ok(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{:?}: {}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn log_in(home: &Path, server: &str, name: &str) {
    ok(&run(
        home,
        &["login", server, "--user", name, "--password-stdin"],
        &format!("{PASSWORD}\n"),
    ));
}

async fn a_room() -> (TestServer, Person, erc_protocol::RoomId) {
    let server = TestServer::start();
    server.add_user("ada");
    server.add_user("bo");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let room = ada.create_room("general").await;
    Person::sign_in(&server.url(), "bo").await.join(room).await;
    (server, ada, room)
}

/// A running `erc tail`, killed when dropped.
struct Tail {
    child: Child,
    lines: std::sync::mpsc::Receiver<String>,
}

impl Tail {
    fn start(home: &Path, arguments: &[&str]) -> Self {
        let mut child = erc(home)
            .arg("tail")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (give, lines) = std::sync::mpsc::sync_channel(10_000);
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if give.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// The next line that tells of this text, and those before it.
    fn until(&self, text: &str) -> Vec<String> {
        let mut seen = Vec::new();
        eventually_sync(&format!("{text:?} in the tail"), String::new, || {
            while let Ok(line) = self.lines.try_recv() {
                let found = line.contains(text);
                seen.push(line);
                if found {
                    return Some(());
                }
            }
            None
        });
        seen
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_signs_in_sends_and_reads() {
    let (server, ada, room) = a_room().await;
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    log_in(home, &server.url(), "bo");
    assert!(ok(&run(home, &["rooms"], "")).contains("general"));
    let rooms = ok(&run(home, &["rooms", "--json"], ""));
    for line in rooms.lines() {
        let _: Value = serde_json::from_str(line).expect("JSON, a value a line");
    }
    ok(&run(home, &["send", "general", "from", "the", "shell"], ""));
    ok(&run(home, &["send", "general", "-"], "two\nlines\n"));
    ok(&run(home, &["send", &room.to_string(), "by id"], ""));
    ok(&run(home, &["send", "@ada", "just you"], ""));
    let texts: Vec<_> = ada
        .history(room)
        .await
        .into_iter()
        .map(|m| m.content)
        .collect();
    assert_eq!(texts.len(), 3);
    assert_eq!(
        (texts[0].as_str(), texts[2].as_str()),
        ("from the shell", "by id")
    );
    assert_eq!(texts[1].trim_end(), "two\nlines");
    assert_eq!(ada.rooms().await.len(), 2, "the direct room was made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_codes_tell_scripts_what_went_wrong() {
    let (mut server, _, _) = a_room().await;
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let code = |output: Output| output.status.code();
    assert_eq!(
        code(run(home, &["send", "general", "x"], "")),
        Some(4),
        "not signed in"
    );
    let wrong = &["login", &server.url(), "--user", "bo", "--password-stdin"];
    assert_eq!(code(run(home, wrong, "wrong wrong\n")), Some(1), "refused");
    log_in(home, &server.url(), "bo");
    assert_eq!(code(run(home, &["send", "no-such-room", "x"], "")), Some(1));
    assert_eq!(code(run(home, &["no-such-command"], "")), Some(2));
    server.kill();
    let offline = run(home, &["rooms"], "");
    assert_eq!(code(offline), Some(3), "no server");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tail_prints_each_message_once_though_its_link_is_cut() {
    let (server, ada, room) = a_room().await;
    let link = Link::to(server.port()).await;
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &link.url(), "bo");
    ada.send(room, "earlier").await;
    let tail = Tail::start(home.path(), &["general", "--json", "-n", "5"]);
    let mut lines = tokio::task::block_in_place(|| tail.until("earlier"));
    ada.send(room, "live 1").await;
    lines.extend(tokio::task::block_in_place(|| tail.until("live 1")));
    link.cut();
    for number in 0..130 {
        ada.send(room, &format!("missed {number}.")).await;
    }
    link.mend();
    lines.extend(tokio::task::block_in_place(|| tail.until("missed 129.")));
    ada.send(room, "live 2").await;
    lines.extend(tokio::task::block_in_place(|| tail.until("live 2")));
    let texts: Vec<String> = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"))
        .filter_map(|event| find_text(&event))
        .collect();
    let mut expected = vec!["earlier".to_owned(), "live 1".to_owned()];
    expected.extend((0..130).map(|number| format!("missed {number}.")));
    expected.push("live 2".to_owned());
    assert_eq!(texts, expected);
}

/// The text of a message, however deep the line keeps it.
fn find_text(value: &Value) -> Option<String> {
    let object = value.as_object()?;
    if let Some(text) = object.get("text").and_then(Value::as_str)
        && object.contains_key("seq")
    {
        return Some(text.to_owned());
    }
    object.values().find_map(find_text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_escape_in_a_name_is_never_printed_raw() {
    let (server, ada, room) = a_room().await;
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &server.url(), "bo");
    // Control characters can't be stored; what a terminal or a reader would misread otherwise can.
    let sly = "a\u{202e}b\u{200b}c\u{2066}d";
    ada.send(room, sly).await;
    let tail = Tail::start(home.path(), &["general", "-n", "5"]);
    let lines = tokio::task::block_in_place(|| tail.until("d"));
    for c in lines.concat().chars() {
        assert!(
            !erc_protocol::validate::is_deceptive(c),
            "{c:?} in {lines:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn search_finds_on_the_server_what_is_not_on_this_machine() {
    let (mut server, ada, room) = a_room().await;
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    log_in(home, &server.url(), "bo");
    ada.send(room, "Un café à six heures").await;
    ada.send(room, "日本語を勉強した").await;
    let hits = |query: &[&str]| -> Vec<Value> {
        let arguments = [&["search", "--json"], query].concat();
        let output = ok(&run(home, &arguments, ""));
        let lines = output
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    };
    // The index follows within a moment.
    let found = eventually_sync("both in the index", String::new, || {
        let found = [hits(&["cafe"]), hits(&["日本", "from:ada"])].concat();
        (found.len() == 2).then_some(found)
    });
    assert_eq!(found[0]["text"], "Un café à six heures");
    assert_eq!(found[0]["found_in"], "on_server");
    assert_eq!(found[0]["matches"], serde_json::json!([[3, 8]]));
    assert!(hits(&["--here", "cafe"]).is_empty(), "not on this machine");
    let wrong = run(home, &["search", "cafe", "form:ada"], "");
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("at character 6"));
    server.kill();
    let alone = run(home, &["search", "cafe"], "");
    assert!(alone.status.success());
    assert!(String::from_utf8_lossy(&alone.stderr).contains("this machine alone"));
}
