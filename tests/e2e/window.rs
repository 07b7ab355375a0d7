//! The real `erc-desktop` window, against a real server, beside real terminals.

use erc_protocol::RoomId;
use erc_tests::{
    network::Link,
    picture,
    rest::Person,
    server::{PASSWORD, TestServer},
    socket::Wire,
    terminal::{Terminal, key},
    wait::eventually,
    window::Window,
};
use tokio::task::block_in_place;

use crate::shell::log_in;

/// Whether this machine is known to have no display; otherwise a missing one is a failure.
fn is_left_out() -> bool {
    std::env::var_os("ERC_TEST_NO_WINDOW").is_some()
}

async fn a_room_of(names: &[&str]) -> (TestServer, Vec<Person>, RoomId) {
    let server = TestServer::start();
    let mut people = Vec::new();
    for name in names {
        server.add_user(name);
        people.push(Person::sign_in(&server.url(), name).await);
    }
    let room = people[0].create_room("general").await;
    for person in &people[1..] {
        person.join(room).await;
    }
    (server, people, room)
}

async fn sign_in(window: &Window, server: &str, name: &str, room: RoomId) {
    window.fill("server", server).await;
    window.fill("username", name).await;
    window.fill("password", PASSWORD).await;
    window.click("sign-in").await;
    window.click(&format!("room-{room}")).await;
    window.element("composer").await;
}

/// Types a message and Enter.
async fn say(window: &Window, text: &str) {
    let composer = window.element("composer").await;
    composer.send_keys(text).await.unwrap();
    composer.send_keys("\u{e007}").await.unwrap();
}

/// Waits until the window shows exactly these messages, in this order.
async fn shows(window: &Window, expected: &[&str]) {
    let mut last = Vec::new();
    let begun = std::time::Instant::now();
    while begun.elapsed() < erc_tests::wait::DEADLINE {
        last = window.messages().await;
        let fits = last.len() == expected.len()
            && last
                .iter()
                .zip(expected)
                .all(|(shown, text)| shown.starts_with(text));
        if fits {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    window.picture("window-failed").await;
    panic!("the window shows {last:#?}\ninstead of {expected:#?}");
}

/// Waits for the state of the link, as the window says it.
async fn link_is(window: &Window, state: &str) {
    window
        .css(&format!(
            "[data-testid=\"connection\"][data-state=\"{state}\"]"
        ))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_terminals_and_a_window_talk_and_lose_nothing_when_one_is_cut_off() {
    if is_left_out() {
        return;
    }
    let (server, people, room) = a_room_of(&["ada", "bo", "cleo"]).await;
    let link = Link::to(server.port()).await;
    let homes = [(); 3].map(|()| tempfile::tempdir().unwrap());
    log_in(homes[0].path(), &server.url(), "ada");
    log_in(homes[1].path(), &server.url(), "bo");
    let mut ada = Terminal::erc(homes[0].path(), &[]);
    let mut bo = Terminal::erc(homes[1].path(), &[]);
    let window = Window::open(homes[2].path()).await;
    sign_in(&window, &link.url(), "cleo", room).await;
    link_is(&window, "live").await;
    block_in_place(|| {
        for terminal in [&ada, &bo] {
            terminal.wait_for("write in #general");
        }
        ada.line("from ada's terminal");
        bo.wait_for("from ada's terminal");
    });
    shows(&window, &["from ada's terminal"]).await;
    say(&window, "from cleo's window").await;
    block_in_place(|| {
        ada.wait_for("from cleo's window");
        bo.wait_for("from cleo's window");
    });
    link.cut();
    link_is(&window, "offline").await;
    say(&window, "cleo, cut off").await;
    block_in_place(|| {
        ada.line("ada meanwhile");
        bo.wait_for("ada meanwhile");
        bo.line("bo meanwhile");
        ada.wait_for("bo meanwhile");
    });
    window.says("cleo, cut off").await;
    window.picture("window-offline").await;
    link.mend();
    let order = [
        "from ada's terminal",
        "from cleo's window",
        "ada meanwhile",
        "bo meanwhile",
        "cleo, cut off",
    ];
    shows(&window, &order).await;
    link_is(&window, "live").await;
    let in_order = |screen: &str| {
        let places = order.map(|text| screen.find(text));
        places.iter().all(Option::is_some)
            && places.is_sorted()
            && order.iter().all(|text| screen.matches(text).count() == 1)
    };
    block_in_place(|| {
        ada.wait_until("all five in order, once", in_order);
        bo.wait_until("all five in order, once", in_order);
    });
    let stored: Vec<_> = people[0]
        .history(room)
        .await
        .into_iter()
        .map(|m| m.content)
        .collect();
    assert_eq!(stored, order);
    window.picture("window-live").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_answered_edited_and_deleted_in_the_window() {
    if is_left_out() {
        return;
    }
    let (server, people, room) = a_room_of(&["ada", "bo"]).await;
    let ada = &people[0];
    let question = ada.send(room, "six or seven?").await;
    let home = tempfile::tempdir().unwrap();
    let window = Window::open(home.path()).await;
    sign_in(&window, &server.url(), "bo", room).await;
    shows(&window, &["six or seven?"]).await;
    window.act("six or seven?", "reply").await;
    window.element("replying").await;
    say(&window, "sevn").await;
    shows(&window, &["six or seven?", "sevn"]).await;
    window.act("sevn", "edit").await;
    let field = window.element("edit-input").await;
    field.clear().await.unwrap();
    field.send_keys("seven").await.unwrap();
    window.click("save-edit").await;
    shows(&window, &["six or seven?", "seven"]).await;
    let stored = eventually("the edit is on the server", async || {
        let stored = ada.history(room).await;
        (stored.len() == 2 && stored[1].content == "seven").then_some(stored)
    })
    .await;
    assert_eq!(stored[1].reply_to, Some(question.message_id));
    window.act("seven", "delete").await;
    window.click("confirm-delete").await;
    shows(&window, &["six or seven?", "Message deleted"]).await;
    eventually("the deletion is on the server", async || {
        ada.history(room).await[1].is_deleted().then_some(())
    })
    .await;
    // What somebody else changes is shown too.
    let path = format!("/chat/messages/{}", question.message_id);
    ada.put(&path, &serde_json::json!({ "content": "so: seven" }))
        .await
        .ok();
    shows(&window, &["so: seven", "Message deleted"]).await;
    assert!(!window.has("crash").await);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_window_says_when_the_server_is_gone_and_goes_on_when_it_is_back() {
    if is_left_out() {
        return;
    }
    let (mut server, people, room) = a_room_of(&["ada", "bo"]).await;
    people[0].send(room, "before").await;
    let home = tempfile::tempdir().unwrap();
    let window = Window::open(home.path()).await;
    sign_in(&window, &server.url(), "bo", room).await;
    shows(&window, &["before"]).await;
    server.kill();
    link_is(&window, "offline").await;
    say(&window, "written without a server").await;
    shows(&window, &["before", "written without a server"]).await;
    window.close().await;
    // Closed and opened without a server: everything is still there.
    let window = Window::open(home.path()).await;
    window.click(&format!("room-{room}")).await;
    shows(&window, &["before", "written without a server"]).await;
    server.restart();
    window.click("try-now").await;
    link_is(&window, "live").await;
    eventually("it is sent, once", async || {
        let stored = people[0].history(room).await;
        (stored.len() == 2 && stored[1].content == "written without a server").then_some(())
    })
    .await;
    shows(&window, &["before", "written without a server"]).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_told_and_nothing_is_lost() {
    if is_left_out() {
        return;
    }
    let (server, _, room) = a_room_of(&["ada"]).await;
    let home = tempfile::tempdir().unwrap();
    let window = Window::open(home.path()).await;
    window.fill("server", &server.url()).await;
    window.fill("username", "ada").await;
    window.fill("password", "wrong wrong").await;
    window.click("sign-in").await;
    let told = window.words("error").await;
    assert!(told.contains("wrong"), "{told}");
    window.fill("password", PASSWORD).await;
    window.click("sign-in").await;
    window.element(&format!("room-{room}")).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_room_keeps_few_rows_in_the_page_and_shows_hostile_text_as_text() {
    if is_left_out() {
        return;
    }
    let (server, people, room) = a_room_of(&["ada", "bo"]).await;
    let mut wire = Wire::brief(&people[0]).await;
    for number in 1..=400 {
        wire.send(room, &format!("line {number}")).await;
    }
    wire.send(
        room,
        "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>",
    )
    .await;
    wire.send(room, "bidi \u{202e}gnp.exe end").await;
    let home = tempfile::tempdir().unwrap();
    let window = Window::open(home.path()).await;
    sign_in(&window, &server.url(), "bo", room).await;
    window.says("line 3").await;
    if window.has("newest").await {
        window.click("newest").await;
    }
    window.says("<img src=x").await;
    let page = window.text().await;
    for c in page.chars().filter(|c| *c != '\n') {
        assert!(!erc_protocol::validate::is_deceptive(c), "{c:?} is shown");
    }
    let title = window.script("return document.title;").await;
    assert_ne!(title, "owned");
    assert_eq!(
        window
            .script("return document.querySelectorAll('img[src=x]').length;")
            .await,
        0
    );
    let rows = window
        .script("return document.querySelectorAll('[data-testid=message]').length;")
        .await;
    let rows = rows.as_u64().unwrap();
    assert!((1..150).contains(&rows), "{rows} rows for 402 messages");
    window.picture("window-long-room").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_answered_with_an_emoji_pinned_and_forwarded_in_the_window() {
    if is_left_out() {
        return;
    }
    let (server, people, room) = a_room_of(&["ada", "bo"]).await;
    let (ada, bo) = (&people[0], &people[1]);
    let second = ada.create_room("second").await;
    let message = bo.send(room, "we have a launch").await.message_id;
    let home = tempfile::tempdir().unwrap();
    let window = Window::open(home.path()).await;
    sign_in(&window, &server.url(), "ada", room).await;
    shows(&window, &["we have a launch"]).await;
    window.act("we have a launch", "react").await;
    let field = window.element("pick-query").await;
    field.send_keys("rocket\u{e007}").await.unwrap();
    let pressed = window.element("reaction").await;
    assert_eq!(
        pressed.attr("aria-pressed").await.unwrap().as_deref(),
        Some("true")
    );
    eventually("the reaction is on the server", async || {
        let history = bo.history(room).await;
        (history[0].reactions.len() == 1).then_some(())
    })
    .await;
    let emoji = serde_json::json!({ "emoji": "🚀", "on": true });
    let path = format!("/chat/messages/{message}/reactions");
    bo.post(&path, &emoji).await.ok();
    eventually("the other's is counted", async || {
        let text = window.element("reaction").await.text().await.unwrap();
        text.contains('2').then_some(())
    })
    .await;
    window.act("we have a launch", "pin").await;
    window.element("pinned").await;
    window.act("we have a launch", "forward").await;
    let field = window.element("pick-query").await;
    field.send_keys("second\u{e007}").await.unwrap();
    let forwarded = eventually("it is in the other room", async || {
        ada.history(second).await.pop()
    })
    .await;
    assert!(forwarded.forwarded.is_some());
    let path = format!("/chat/messages/{message}");
    bo.put(&path, &serde_json::json!({ "content": "we had a launch" }))
        .await
        .ok();
    shows(&window, &["we had a launch"]).await;
    window.act("we had a launch", "show-history").await;
    let version = window.element("version").await;
    assert!(version.text().await.unwrap().contains("we have a launch"));
    assert!(!window.has("crash").await);
    window.close().await;
}

/// Waits until this stands in the composer.
async fn composer_holds(window: &Window, text: &str) {
    let script = "return document.querySelector('[data-testid=composer]')?.value ?? null;";
    eventually(&format!("{text:?} in the composer"), async || {
        (window.script(script).await.as_str() == Some(text)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_goes_on_in_the_window_and_what_rings_is_told_to_the_terminal() {
    if is_left_out() {
        return;
    }
    let (server, people, room) = a_room_of(&["ada", "cleo"]).await;
    let homes = [(); 2].map(|()| tempfile::tempdir().unwrap());
    log_in(homes[0].path(), &server.url(), "cleo");
    let mut terminal = Terminal::erc(homes[0].path(), &[]);
    let window = Window::open(homes[1].path()).await;
    sign_in(&window, &server.url(), "cleo", room).await;
    let empty = "write in #general";
    block_in_place(|| {
        terminal.wait_for(empty);
        terminal.keys("half a tho");
    });
    composer_holds(&window, "half a tho").await;
    let composer = window.element("composer").await;
    composer.send_keys("ught").await.unwrap();
    block_in_place(|| terminal.wait_for("half a thought"));
    composer.send_keys("\u{e007}").await.unwrap();
    shows(&window, &["half a thought"]).await;
    block_in_place(|| {
        terminal.wait_until("the message, and an empty composer", |screen| {
            screen.contains("half a thought") && screen.contains(empty)
        })
    });
    assert_eq!(people[0].history(room).await.len(), 1);

    // A thread has its own.
    block_in_place(|| {
        terminal.keys(key::ESCAPE);
        terminal.wait_for("NORMAL");
        terminal.keys("t");
        terminal.wait_for("reply in the thread");
        terminal.keys("not quite");
        terminal.wait_for("not quite");
    });
    window.act("half a thought", "thread").await;
    composer_holds(&window, "not quite").await;
    window.picture("window-draft").await;

    window.click("show-notifications").await;
    window.click("level-none").await;
    window.fill("hush-until", "2h").await;
    window.click("hush").await;
    window.element("hushed").await;
    window.picture("window-notifications").await;
    block_in_place(|| {
        terminal.keys(key::ESCAPE);
        terminal.wait_for("NORMAL");
        for _ in 0..50 {
            terminal.keys("H");
            let screen = terminal.wait_for("what rings in this room");
            terminal.keys(key::ESCAPE);
            terminal.wait_until("the form is closed", |screen| {
                !screen.contains("what rings in this room")
            });
            if screen.contains("Hushed.") && screen.contains("none") {
                return;
            }
        }
        panic!("it is not hushed in the terminal");
    });
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_reported_and_a_report_closed_in_the_window() {
    if is_left_out() {
        return;
    }
    let (server, people, room) = a_room_of(&["ada", "bo"]).await;
    let (ada, bo) = (&people[0], &people[1]);
    bo.send(room, "a fine morning").await;
    let home = tempfile::tempdir().unwrap();
    let window = Window::open(home.path()).await;
    sign_in(&window, &server.url(), "ada", room).await;
    shows(&window, &["a fine morning"]).await;
    window.act("a fine morning", "report").await;
    window.fill("report-words", "too early").await;
    window.click("send-report").await;
    window.element("reported").await;
    window.element("reports-waiting").await;
    window.picture("report").await;
    // Ada looks after the room, so it is hers to close; the message goes with it.
    let reports = ada.get("/chat/reports").await.ok();
    let id = reports["reports"][0]["id"].as_str().unwrap().to_owned();
    window.script("document.querySelector('dialog[open] [aria-label=Close], dialog[open] button')?.click();").await;
    window.click("reports-waiting").await;
    window.says("too early").await;
    window.click(&format!("take-{id}")).await;
    window.says("looks after it").await;
    window.click(&format!("decide-{id}")).await;
    let outcome = window.element("outcome").await;
    outcome.send_keys("delete the message").await.unwrap();
    window.picture("reports").await;
    window.click("close-report").await;
    window.says("Nothing waits").await;
    eventually("the message is deleted", async || {
        ada.history(room).await[0].is_deleted().then_some(())
    })
    .await;
    assert!(!window.has("reports-waiting").await);
    assert!(!window.has("crash").await);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_is_made_voted_in_and_ended_in_the_window() {
    if is_left_out() {
        return;
    }
    let (server, people, room) = a_room_of(&["ada", "bo"]).await;
    let bo = &people[1];
    let home = tempfile::tempdir().unwrap();
    let window = Window::open(home.path()).await;
    sign_in(&window, &server.url(), "ada", room).await;
    window.click("ask-poll").await;
    let field = window.element("poll-question").await;
    field
        .send_keys("Which drink?\u{e004}Tea\u{e004}Coffee\u{e007}")
        .await
        .unwrap();
    shows(&window, &["Which drink?"]).await;
    // The first of its options.
    window.click("poll-option").await;
    let asked = eventually("the vote is on the server", async || {
        let asked = bo.history(room).await.pop()?;
        let poll = asked.poll.clone()?;
        (poll.options[0].votes == Some(1)).then_some(asked)
    })
    .await;
    let path = format!("/chat/messages/{}/vote", asked.message_id);
    let vote = serde_json::json!({ "options": [0] });
    bo.put(&path, &vote).await.ok();
    eventually("the other's is counted", async || {
        let text = window.element("poll-votes").await.text().await.unwrap();
        text.starts_with('2').then_some(())
    })
    .await;
    window.picture("window-poll").await;
    window.click("close-poll").await;
    window.click("confirm-end-poll").await;
    eventually("it says that it is over", async || {
        let text = window.element("poll-state").await.text().await.unwrap();
        text.contains("over").then_some(())
    })
    .await;
    assert!(!window.has("crash").await);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emoji_of_the_community_is_added_seen_and_taken_away_in_the_window() {
    if is_left_out() {
        return;
    }
    let (server, people, room) = a_room_of(&["ada", "bo"]).await;
    server.add_user_as("mo", "moderator");
    let mo = Person::sign_in(&server.url(), "mo").await;
    mo.join(room).await;
    let bo = &people[1];
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("Party Parrot.png");
    std::fs::write(&file, picture::disc(64, [230, 70, 60])).unwrap();
    let window = Window::open(home.path()).await;
    sign_in(&window, &server.url(), "mo", room).await;
    window.click("open-switcher").await;
    let query = window.element("switcher-query").await;
    query.send_keys("emoji of this\u{e007}").await.unwrap();
    let input = window.element("emoji-file").await;
    input.send_keys(file.to_str().unwrap()).await.unwrap();
    window.element("emoji-preview").await;
    window.click("add-emoji").await;
    window.says("is there for everybody").await;
    window.element("emoji-party_parrot").await;
    assert_eq!(drawn(&window, "emoji-sheet").await, 64);
    // What is typed draws frames, for the picture.
    let input = window.element("emoji-file").await;
    input.send_keys(file.to_str().unwrap()).await.unwrap();
    window.fill("emoji-name", "another").await;
    window.picture("window-emoji-sheet").await;
    close_dialog(&window).await;

    // Proposed while one writes, with its picture; sent as its name.
    let composer = window.element("composer").await;
    composer.send_keys("so :party_par").await.unwrap();
    assert_eq!(drawn(&window, "completions").await, 64);
    window.picture("window-emoji-proposed").await;
    composer.send_keys("\u{e004}it is\u{e007}").await.unwrap();
    let sent = eventually("it is on the server", async || bo.history(room).await.pop()).await;
    assert_eq!(sent.content, "so :party_parrot: it is");
    assert_eq!(drawn(&window, "message-text").await, 64);
    let path = format!("/chat/messages/{}/reactions", sent.message_id);
    let reaction = serde_json::json!({ "emoji": ":party_parrot:", "on": true });
    bo.post(&path, &reaction).await.ok();
    assert_eq!(drawn(&window, "reaction").await, 64);
    window.act("so", "react").await;
    let field = window.element("pick-query").await;
    field.send_keys("party_parrot").await.unwrap();
    assert_eq!(drawn(&window, "react-panel").await, 64);
    field.send_keys("\u{e007}").await.unwrap();
    eventually("both are counted", async || {
        let text = window.element("reaction").await.text().await.unwrap();
        text.contains('2').then_some(())
    })
    .await;
    bo.send(room, ":party_parrot: :party_parrot:").await;
    eventually("it stands alone", async || {
        let pictures = "return document.querySelectorAll('.jumbo img').length;";
        (window.script(pictures).await == 2).then_some(())
    })
    .await;
    window.picture("window-emoji").await;

    // Taken away by somebody else: names stand where pictures were.
    let list = bo.get("/server/emoji").await.ok();
    let id = list["emoji"][0]["id"].as_str().unwrap().to_owned();
    mo.delete(&format!("/server/emoji/{id}")).await.ok();
    eventually("the names are shown", async || {
        let pictures = "return document.querySelectorAll('img').length;";
        (window.script(pictures).await == 0).then_some(())
    })
    .await;
    window.says(":party_parrot:").await;
    window.picture("window-emoji-gone").await;
    assert!(!window.has("crash").await);
    window.close().await;
}

async fn close_dialog(window: &Window) {
    window
        .script("document.querySelector('dialog[open] [aria-label=Close], dialog[open] button')?.click();")
        .await;
}

/// How wide the picture really is that stands in this, once it is drawn.
async fn drawn(window: &Window, id: &str) -> serde_json::Value {
    let script = format!(
        "const picture = document.querySelector('[data-testid={id}] [data-testid=custom-emoji]');
         return picture && picture.complete ? picture.naturalWidth : null;"
    );
    eventually(&format!("a picture in {id}"), async || {
        Some(window.script(&script).await).filter(|width| !width.is_null())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strangers_request_is_read_and_accepted_in_the_window() {
    if is_left_out() {
        return;
    }
    let (server, _, room) = a_room_of(&["ada"]).await;
    server.add_user("eve");
    let eve = Person::sign_in(&server.url(), "eve").await;
    let ada = Person::sign_in(&server.url(), "ada").await;
    let home = tempfile::tempdir().unwrap();
    let window = Window::open(home.path()).await;
    sign_in(&window, &server.url(), "ada", room).await;
    let body = serde_json::json!({ "type": "direct", "member_ids": [ada.id()] });
    let made = eve.post("/chat/rooms", &body).await;
    let asked = RoomId(made.body["id"].as_i64().unwrap());
    for text in ["hello", "we met at the fair"] {
        eve.send(asked, text).await;
    }
    window.says("Requests (1)").await;
    window.click("open-requests").await;
    window.element(&format!("request-{asked}")).await;
    window.picture("window-requests").await;
    window.click(&format!("request-{asked}")).await;
    window.element("request-bar").await;
    shows(&window, &["hello", "we met at the fair"]).await;
    window.picture("window-request").await;
    assert!(!window.has("composer").await);
    window.click("accept").await;
    window.element("composer").await;
    window.element(&format!("room-{asked}")).await;
    say(&window, "so we did").await;
    eventually("it is a room like any other, and read", async || {
        let rooms = ada.rooms().await;
        let mine = rooms.iter().find(|mine| mine.room.id == asked)?;
        let written = eve.history(asked).await.len();
        (mine.unread.count == 0 && written == 3).then_some(())
    })
    .await;
    assert!(!window.has("crash").await);
    window.close().await;
}
