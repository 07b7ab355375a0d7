//! The real `erc` in a pseudo-terminal, against a real server.

use std::path::Path;

use erc_protocol::{
    RoomId,
    gateway::ClientFrame,
    thread::{FollowedThreads, ThreadPage},
};
use erc_tests::{
    client::Client,
    network::Link,
    picture,
    rest::Person,
    server::{PASSWORD, TestServer},
    socket::{Wire, send_frame},
    terminal::{Terminal, key},
    wait::eventually,
};
use tokio::task::block_in_place;

use crate::shell::log_in;

async fn a_room_of_two() -> (TestServer, Person, Person, RoomId) {
    let server = TestServer::start();
    server.add_user("ada");
    server.add_user("bo");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let bo = Person::sign_in(&server.url(), "bo").await;
    let room = ada.create_room("general").await;
    bo.join(room).await;
    (server, ada, bo, room)
}

/// What the composer says when a room is open.
const READY: &str = "write in #general";

/// Escape, and what follows it not so close that it is taken for one key with Alt.
fn leave_composer(erc: &mut Terminal) {
    erc.keys(key::ESCAPE);
    erc.wait_for("NORMAL");
}

/// What the server counts as unread for this person.
async fn unread(person: &Person, room: RoomId) -> i64 {
    let rooms = person.rooms().await;
    let mine = rooms.iter().find(|mine| mine.room.id == room).unwrap();
    mine.unread.count
}

/// The texts of the room, once there are as many as expected.
async fn stored(person: &Person, room: RoomId, expected: &[&str]) {
    eventually(&format!("{expected:?} on the server"), async || {
        let history = person.history(room).await;
        let texts: Vec<_> = history.iter().map(|m| m.content.as_str()).collect();
        (texts == expected).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_reads_writes_and_hears_the_other() {
    let (server, ada, _, room) = a_room_of_two().await;
    ada.send(room, "anybody here?").await;
    let home = tempfile::tempdir().unwrap();
    let mut erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        erc.wait_for("sign in");
        erc.keys(&server.url());
        erc.keys(key::TAB);
        erc.keys("bo");
        erc.keys(key::TAB);
        erc.keys(PASSWORD);
        let screen = erc.wait_for("bo");
        assert!(!screen.contains(PASSWORD), "the password is shown");
        erc.keys(key::ENTER);
        erc.wait_for("general");
        erc.wait_for("anybody here?");
        erc.line("me, in a terminal");
    });
    stored(&ada, room, &["anybody here?", "me, in a terminal"]).await;
    ada.send(room, "good to hear from you").await;
    block_in_place(|| {
        erc.wait_for("good to hear from you");
        erc.keys(key::CTRL_Q);
        assert!(erc.ended(), "it ends well");
    });
    // The next time it opens without asking, with what it knew.
    let erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| erc.wait_for("good to hear from you"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_edited_answered_and_deleted_by_keys() {
    let (server, ada, _, room) = a_room_of_two().await;
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &server.url(), "bo");
    let mut erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        erc.wait_for(READY);
        erc.line("frist");
    });
    stored(&ada, room, &["frist"]).await;
    block_in_place(|| {
        leave_composer(&mut erc);
        erc.keys("e");
        erc.wait_until("the composer holds the old text", |screen| {
            screen.matches("frist").count() >= 2
        });
        for _ in 0.."rist".len() {
            erc.keys("\x7f");
        }
        erc.keys("irst");
        erc.keys(key::ENTER);
        erc.wait_until("the edited text", |screen| {
            screen.contains("first") && !screen.contains("frist")
        });
    });
    stored(&ada, room, &["first"]).await;
    ada.send(room, "second?").await;
    block_in_place(|| {
        erc.wait_for("second?");
        leave_composer(&mut erc);
        erc.keys("Gr");
        erc.wait_until("who is answered", |screen| {
            screen.matches("second?").count() >= 2
        });
        erc.line("yes, second");
    });
    stored(&ada, room, &["first", "second?", "yes, second"]).await;
    let history = ada.history(room).await;
    assert_eq!(history[2].reply_to, Some(history[1].message_id));
    block_in_place(|| {
        leave_composer(&mut erc);
        erc.keys("Gd");
        erc.wait_for("elete");
        erc.keys("y");
        erc.wait_until("the text is gone", |screen| !screen.contains("yes, second"));
    });
    stored(&ada, room, &["first", "second?", ""]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_state_of_the_link_stands_in_words_and_writing_goes_on() {
    let (server, ada, _, room) = a_room_of_two().await;
    let link = Link::to(server.port()).await;
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &link.url(), "bo");
    let mut erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| erc.wait_for(READY));
    link.cut();
    block_in_place(|| {
        erc.wait_for("offline");
        erc.line("written offline");
    });
    ada.send(room, "meanwhile").await;
    link.mend();
    block_in_place(|| {
        erc.wait_for("meanwhile");
        erc.wait_for("connected");
    });
    stored(&ada, room, &["meanwhile", "written offline"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_being_typed_survives_kill_9() {
    let (server, ada, _, room) = a_room_of_two().await;
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &server.url(), "bo");
    let mut erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        erc.wait_for(READY);
        erc.line("sent before");
    });
    stored(&ada, room, &["sent before"]).await;
    block_in_place(|| {
        erc.keys("half a sentence");
        erc.wait_for("half a sentence");
        // A draft is saved while typing; it shows in another way only after a restart, so this
        // waits until it is in the files.
        erc_tests::wait::eventually_sync("the draft is on the disk", String::new, || {
            holds(home.path(), b"half a sentence").then_some(())
        });
        erc.kill();
    });
    let erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        erc.wait_for("sent before");
        erc.wait_for("half a sentence");
    });
}

/// Whether a file below this folder holds these bytes.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.any(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                return holds(&path, bytes);
            }
            std::fs::read(&path)
                .is_ok_and(|content| content.windows(bytes.len()).any(|part| part == bytes))
        })
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_text_is_not_drawn_raw() {
    let (server, ada, _, room) = a_room_of_two().await;
    ada.send(
        room,
        "evil \u{202e}txet\u{202c} \u{200b}zero\u{2066}iso end",
    )
    .await;
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &server.url(), "bo");
    let erc = Terminal::erc(home.path(), &[]);
    let screen = block_in_place(|| erc.wait_for("end"));
    for c in screen.chars().filter(|c| *c != '\n') {
        assert!(!erc_protocol::validate::is_deceptive(c), "{c:?} is drawn");
    }
}

/// A home whose cache holds this many messages, read through a real server; the server is gone
/// afterwards.
async fn a_home_of(count: usize, home: &Path) -> u16 {
    let (mut server, ada, _, room) = a_room_of_two().await;
    let (mut wire, _) = Wire::hello(&ada, None, vec![]).await;
    let mut posted = std::collections::VecDeque::new();
    for number in 1..=count {
        let frame = send_frame(room, &format!("message number {number} of many"));
        posted.push_back(wire.post(ClientFrame::SendMessage(frame)).await);
        // A window, so that neither side has to hold everything.
        if posted.len() > 500 {
            let id = posted.pop_front().unwrap();
            wire.answer(id).await.unwrap();
        }
    }
    for id in posted {
        wire.answer(id).await.unwrap();
    }
    drop(wire);
    let bo = Client::sign_in_at(home, &server.url(), "bo").await;
    bo.live().await;
    bo.room("general").await;
    assert_eq!(bo.whole_room(room).await.len(), count);
    bo.account.close().await;
    server.kill();
    server.port()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cache_of_a_hundred_thousand_messages_is_shown_without_any_server() {
    let home = tempfile::tempdir().unwrap();
    let port = a_home_of(100_000, home.path()).await;
    let mut erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        let screen = erc.wait_for("message number 100000 of many");
        assert!(screen.contains("general"));
        erc.keys(key::CTRL_Q);
        assert!(erc.ended());
    });
    // The same with a server's address that takes connections and never says a word.
    let silent = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| erc.wait_for("message number 100000 of many"));
    drop(silent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_terminals_talk_and_one_is_cut_off_in_between() {
    let (server, ada, _, room) = a_room_of_two().await;
    let link = Link::to(server.port()).await;
    let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    log_in(homes[0].path(), &link.url(), "ada");
    log_in(homes[1].path(), &server.url(), "bo");
    let mut adas = Terminal::erc(homes[0].path(), &[]);
    let mut bos = Terminal::erc(homes[1].path(), &[]);
    block_in_place(|| {
        adas.wait_for(READY);
        bos.wait_for(READY);
        adas.line("one from ada");
        bos.wait_for("one from ada");
    });
    link.cut();
    block_in_place(|| {
        adas.wait_for("offline");
        adas.line("two from ada");
        bos.line("one from bo");
    });
    stored(&ada, room, &["one from ada", "one from bo"]).await;
    link.mend();
    stored(&ada, room, &["one from ada", "one from bo", "two from ada"]).await;
    let in_order = |screen: &str| {
        let places = ["one from ada", "one from bo", "two from ada"].map(|text| screen.find(text));
        places.iter().all(Option::is_some)
            && places.is_sorted()
            && screen.matches("two from ada").count() == 1
    };
    block_in_place(|| {
        adas.wait_until("all three in the server's order", in_order);
        bos.wait_until("all three in the server's order", in_order);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_goes_to_the_message_in_its_place() {
    let (server, ada, bo, general) = a_room_of_two().await;
    // A room that is not opened: of it only the newest are on this machine.
    let room = ada.create_room("barn").await;
    bo.join(room).await;
    ada.send(room, "the needle: a café").await;
    for number in 1..=260 {
        ada.send(room, &format!("hay {number}.")).await;
    }
    ada.send(general, "look in the barn").await;
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &server.url(), "bo");
    let mut erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        erc.wait_for("look in the barn");
        leave_composer(&mut erc);
        erc.keys("/");
        erc.wait_for("exactly these words");
        // Not on this machine: only the newest came. The server has it.
        erc.keys("cafe from:ada");
        erc.wait_for("on the server");
        erc.keys(key::ENTER);
        erc.wait_for("found 1 of 1");
        erc.wait_until("the message with what follows it", |screen| {
            screen.contains("the needle: a café") && screen.contains("hay 1.")
        });
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn much_that_is_new_is_read_from_its_beginning_though_that_is_not_here_yet() {
    let (server, ada, bo, room) = a_room_of_two().await;
    for number in 1..=260 {
        ada.send(room, &format!("new {number}.")).await;
    }
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &server.url(), "bo");
    // Once to have the room on this machine without looking at it: only its newest came.
    let other = ada.create_room("another").await;
    bo.join(other).await;
    ada.send(other, "the newest of all").await;
    let mut erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        erc.wait_for("the newest of all");
        leave_composer(&mut erc);
        erc.keys("u");
        erc.wait_until("the first new message", |screen| {
            screen.contains("new 1.") && screen.contains("260 new")
        });
    });
    // What was not on the screen is not read.
    eventually("what is on the screen is read", async || {
        let unread = unread(&bo, room).await;
        (0 < unread && unread < 260).then_some(())
    })
    .await;
    assert!(unread(&bo, room).await > 200);
    block_in_place(|| {
        leave_composer(&mut erc);
        erc.keys("G");
        erc.wait_for("new 260.");
    });
    eventually("all is read", async || {
        (unread(&bo, room).await == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_answered_with_an_emoji_pinned_and_forwarded_by_keys() {
    let (server, ada, bo, room) = a_room_of_two().await;
    let second = ada.create_room("second").await;
    let message = bo.send(room, "we have a launch").await.message_id;
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &server.url(), "ada");
    let mut erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        erc.wait_for("we have a launch");
        leave_composer(&mut erc);
        erc.keys("G+");
        erc.wait_for(":thumbsup:");
        erc.keys("rocket");
        erc.wait_for(":rocket:");
        erc.keys(key::ENTER);
        erc.wait_for("🚀 1*");
    });
    let emoji = serde_json::json!({ "emoji": "🚀", "on": true });
    let path = format!("/chat/messages/{message}/reactions");
    eventually("the reaction is on the server", async || {
        let history = bo.history(room).await;
        (history[0].reactions.len() == 1).then_some(())
    })
    .await;
    bo.post(&path, &emoji).await.ok();
    block_in_place(|| {
        erc.wait_for("🚀 2*");
        erc.keys("p");
        erc.wait_for("⚑");
        erc.keys("P");
        erc.wait_until("the list of pins", |screen| {
            screen.contains("pinned in this room") && screen.matches("a launch").count() >= 2
        });
        erc.keys(key::ENTER);
        erc.wait_until("the list is closed", |screen| {
            !screen.contains("pinned in this room")
        });
        erc.keys("f");
        erc.wait_for("with its author's name");
        erc.keys("second");
        erc.keys(key::ENTER);
        erc.wait_for("forwarded to #second");
    });
    let forwarded = eventually("it is in the other room", async || {
        ada.history(second).await.pop()
    })
    .await;
    assert_eq!(forwarded.content, "we have a launch");
    let origin = forwarded.forwarded.unwrap();
    assert_eq!(origin.sender_name, bo.history(room).await[0].sender_name);
    assert!(bo.history(room).await[0].pinned.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_scheduled_and_sent_though_its_writer_has_left() {
    let (mut server, ada, _, room) = a_room_of_two().await;
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &server.url(), "bo");
    let mut erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        erc.wait_for(READY);
        erc.line("/schedule soon tea?");
        // What is no moment comes back whole.
        erc.wait_for("when? For example");
        erc.keys(key::CTRL_U);
        erc.line("/schedule in 1h much later");
        erc.wait_for("kept until its time");
        erc.line("/schedule in 2s tea is ready");
        erc.wait_for("kept until its time");
        leave_composer(&mut erc);
        erc.keys("T");
        erc.wait_for("much later");
        // Together they would be Alt and a letter.
        erc.keys(key::ESCAPE);
        erc.wait_until("the list is closed", |screen| {
            !screen.contains("to be done later")
        });
        erc.keys(key::CTRL_Q);
        assert!(erc.ended(), "it ends well");
    });
    // Nor does it matter that the server was not there when the time came.
    server.kill();
    server.restart();
    stored(&ada, room, &["tea is ready"]).await;
    let mut erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        erc.wait_for("tea is ready");
        leave_composer(&mut erc);
        erc.keys("T");
        erc.wait_until("only what waits", |screen| {
            screen.contains("much later") && screen.contains("to be done later")
        });
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_blocked_is_folded_and_writes_to_nobody_and_an_account_is_erased() {
    let (server, ada, bo, room) = a_room_of_two().await;
    ada.send(room, "look at me").await;
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &server.url(), "bo");
    let mut erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        erc.wait_for("look at me");
        leave_composer(&mut erc);
        erc.keys("B");
        erc.wait_for("block somebody");
        erc.keys("loud\r");
        erc.wait_until("it is folded", |screen| {
            screen.contains("1 message of somebody you blocked") && !screen.contains("look at me")
        });
        erc.keys("s");
        erc.wait_for("look at me");
        erc.keys("s");
        erc.wait_until("it is folded again", |screen| {
            !screen.contains("look at me")
        });
    });
    // The blocked hears no more than that it can't be.
    let body = serde_json::json!({ "type": "direct", "member_ids": [bo.tokens.user.id] });
    let answer = ada.post("/chat/rooms", &body).await;
    let refusal = answer.refused(erc_protocol::ErrorCode::Forbidden);
    assert!(!refusal.message.contains("block"), "{refusal}");
    block_in_place(|| {
        erc.keys(key::CTRL_K);
        erc.keys("people you block\r");
        erc.wait_for("loud");
        erc.keys("\x18");
        erc.keys(key::ESCAPE);
        erc.wait_for("look at me");
        erc.keys(key::CTRL_K);
        erc.keys("erase your account\r");
        erc.wait_for("There is no way back");
        erc.keys(PASSWORD);
        erc.keys(key::TAB);
        erc.keys("erase\r");
        erc.wait_for("Your account is erased");
    });
    eventually("Bo is gone and has no name", async || {
        let answer = ada.get(&format!("/chat/rooms/{room}/members")).await;
        let members = answer.body["members"].as_array().map_or(0, Vec::len);
        let bo = ada.get(&format!("/users/{}", bo.tokens.user.id)).await;
        (members == 1 && bo.body["display_name"] == "deleted user").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_waits_in_a_list_of_their_own_until_they_are_accepted() {
    let server = TestServer::start();
    for name in ["ada", "eve", "mal"] {
        server.add_user(name);
    }
    let ada = Person::sign_in(&server.url(), "ada").await;
    let room = ada.create_room("general").await;
    let homes = [(); 2].map(|()| tempfile::tempdir().unwrap());
    for (home, name) in homes.iter().zip(["ada", "eve"]) {
        log_in(home.path(), &server.url(), name);
    }
    let mal = Person::sign_in(&server.url(), "mal").await;
    let mut reads = Terminal::erc(homes[0].path(), &[]);
    let mut asks = Terminal::erc(homes[1].path(), &[]);
    block_in_place(|| {
        reads.wait_for(READY);
        asks.wait_for("no rooms yet");
        asks.keys(key::CTRL_K);
        asks.keys("write to somebody\r");
        asks.keys("ada");
        asks.wait_for("@ada");
        asks.keys(key::ENTER);
        asks.wait_for("to accept; messages left until then: 5");
        asks.line("hello, we met at the fair");
        asks.wait_for("messages left until then: 4");
        let screen = reads.wait_for("Requests (1)");
        assert!(!screen.contains("we met at the fair"), "{screen}");
        reads.line("/requests");
        reads.wait_for("people who want to write to you");
        reads.wait_for("we met at the fair");
        reads.keys(key::ENTER);
        reads.wait_for("eve wants to write to you");
    });
    let mine = mal_asks(&mal, &ada).await;
    block_in_place(|| {
        reads.wait_for("Requests (2)");
        reads.keys("a");
        asks.wait_for("write to ada");
        reads.wait_for("Requests (1)");
        reads.keys("i");
        reads.line("so we did");
        asks.wait_for("so we did");
        reads.line("/requests");
        reads.wait_for("buy this");
        reads.keys(key::ENTER);
        reads.wait_for("mal wants to write to you");
        reads.keys("b");
        reads.wait_for("Block this person?");
        reads.keys("y");
        reads.wait_until("the request is gone", |screen| {
            !screen.contains("Requests (") && !screen.contains("wants to write")
        });
    });
    let body = serde_json::json!({ "content": "hello?" });
    let answer = mal
        .post(&format!("/chat/rooms/{mine}/messages"), &body)
        .await;
    answer.refused(erc_protocol::ErrorCode::Forbidden);
    assert!(ada.rooms().await.iter().any(|mine| mine.room.id == room));
    assert_eq!(ada.rooms().await.len(), 2);
}

/// A stranger begins a direct room and writes in it.
async fn mal_asks(mal: &Person, ada: &Person) -> RoomId {
    let body = serde_json::json!({ "type": "direct", "member_ids": [ada.tokens.user.id] });
    let made = mal.post("/chat/rooms", &body).await;
    let room = RoomId(made.body["id"].as_i64().unwrap());
    mal.send(room, "buy this").await;
    room
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_goes_by_itself_in_both_terminals_and_leaves_nothing_on_disk() {
    let (mut server, ada, _, room) = a_room_of_two().await;
    let homes = [(); 2].map(|()| tempfile::tempdir().unwrap());
    for (home, name) in homes.iter().zip(["ada", "bo"]) {
        log_in(home.path(), &server.url(), name);
    }
    let mut writes = Terminal::erc(homes[1].path(), &[]);
    let mut reads = Terminal::erc(homes[0].path(), &[]);
    block_in_place(|| {
        for erc in [&mut writes, &mut reads] {
            erc.wait_for(READY);
        }
        writes.line("/expire soon vanishing cream");
        writes.wait_for("how long? For example");
        writes.keys(key::CTRL_U);
        writes.line("/expire 6s vanishing cream");
        writes.line("this stays");
        reads.wait_for("vanishing cream");
        reads.wait_for("this stays");
    });
    // The reader has no link when the time comes; the server is away, too.
    server.kill();
    block_in_place(|| {
        for erc in [&mut writes, &mut reads] {
            erc.wait_until("it has gone", |screen| {
                !screen.contains("vanishing cream") && screen.contains("this stays")
            });
        }
    });
    server.restart();
    stored(&ada, room, &["", "this stays"]).await;
    assert!(ada.history(room).await[0].has_expired());
    block_in_place(|| {
        for erc in [&mut writes, &mut reads] {
            erc.keys(key::CTRL_Q);
            assert!(erc.ended(), "it ends well");
        }
    });
    for home in &homes {
        assert!(!holds(home.path(), b"vanishing"), "it is on disk");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_and_do_not_disturb_are_seen_by_the_other_and_taken_back() {
    let (server, _, _, _) = a_room_of_two().await;
    let homes = [(); 2].map(|()| tempfile::tempdir().unwrap());
    for (home, name) in homes.iter().zip(["ada", "bo"]) {
        log_in(home.path(), &server.url(), name);
    }
    let mut sees = Terminal::erc(homes[0].path(), &[]);
    let mut says = Terminal::erc(homes[1].path(), &[]);
    block_in_place(|| {
        for erc in [&mut sees, &mut says] {
            erc.wait_for(READY);
        }
        leave_composer(&mut sees);
        sees.keys("m");
        says.line("/status 1h 📅 in a meeting");
        // Beside a name there is little room.
        sees.wait_for("📅 in a meet");
        says.wait_for("📅 in a meeting");
        says.line("/dnd 1h");
        sees.wait_for("⊘");
        says.line("/online");
        sees.wait_until("no longer", |screen| !screen.contains('⊘'));
        says.line("/status");
        says.wait_for("What you say of yourself");
        for _ in 0..12 {
            says.keys("\x7f");
        }
        says.keys("\t");
        says.keys("\x7f");
        says.keys("\r");
        sees.wait_until("taken back", |screen| !screen.contains("in a meet"));
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_is_read_and_answered_beside_its_room() {
    let (server, ada, bo, room) = a_room_of_two().await;
    let asked = ada.send(room, "who brings the pot?").await;
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &server.url(), "bo");
    let mut erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        erc.wait_for("who brings the pot?");
        leave_composer(&mut erc);
        erc.keys("t");
        erc.wait_for("thread in");
        erc.line("I do");
    });
    let path = format!("/chat/messages/{}/thread", asked.message_id);
    let replied = eventually("the reply is stored", async || {
        let page: ThreadPage = ada.get(&path).await.read();
        (page.messages.len() == 1).then_some(page)
    })
    .await;
    assert_eq!(replied.messages[0].content, "I do");
    // Back in the room only the root is shown, with what is new in its thread.
    block_in_place(|| {
        leave_composer(&mut erc);
        erc.keys("t");
        erc.wait_for("1 reply, last");
        assert!(!erc.contents().contains("I do"));
    });
    let reply = serde_json::json!({ "content": "and the lid?", "thread_id": asked.message_id });
    ada.post(&format!("/chat/rooms/{room}/messages"), &reply)
        .await
        .ok();
    block_in_place(|| {
        erc.wait_for("2 replies, last");
        erc.wait_for("1 new");
        erc.keys("t");
        erc.wait_for("and the lid?");
    });
    // Seen, it is read: on the server, and so on every device.
    let path = "/chat/threads";
    eventually("the thread is read", async || {
        let list: FollowedThreads = bo.get(path).await.read();
        (list.threads.len() == 1 && list.threads[0].mine.unread.count == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_follows_from_terminal_to_terminal_and_none_is_lost() {
    let (server, ada, _, room) = a_room_of_two().await;
    let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [mut laptop, mut desk] = homes.each_ref().map(|home| {
        log_in(home.path(), &server.url(), "bo");
        Terminal::erc(home.path(), &[])
    });
    block_in_place(|| {
        laptop.wait_for(READY);
        desk.wait_for(READY);
        laptop.keys("half a tho");
        desk.wait_for("half a tho");
        // It is one text, and goes on where one is.
        desk.keys("ught");
        laptop.wait_for("half a thought");
        laptop.keys(key::ENTER);
        desk.wait_until("the message, and an empty composer", |screen| {
            screen.contains("half a thought") && screen.contains(READY)
        });
    });
    stored(&ada, room, &["half a thought"]).await;

    // Both write while they can't hear each other: the server is away.
    let mut server = server;
    server.kill();
    block_in_place(|| {
        laptop.keys("good evening");
        laptop.wait_for("good evening");
        desk.keys("good night");
        desk.wait_for("good night");
    });
    server.restart();
    block_in_place(|| {
        let both = |screen: &str| screen.contains("written on another device");
        laptop.wait_until("that there is another text", both);
        desk.wait_until("that there is another text", both);
        let shows = |screen: &str| screen.contains("good evening");
        desk.keys("\x1bo");
        desk.wait_for("(Enter: write it here");
        // The one that stands comes into the composer when nobody has typed for a while.
        desk.wait_until("both texts, one of them in the list", |screen| {
            shows(screen) && screen.contains("good night")
        });
        desk.keys(key::ENTER);
        desk.wait_until("both texts", |screen| {
            shows(screen) && screen.contains("good night") && !both(screen)
        });
        desk.keys(key::ENTER);
        laptop.wait_until("an empty composer", |screen| screen.contains(READY));
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_is_hushed_in_one_terminal_is_silent_in_the_other() {
    let (server, _, _, _) = a_room_of_two().await;
    let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [mut laptop, mut desk] = homes.each_ref().map(|home| {
        log_in(home.path(), &server.url(), "bo");
        Terminal::erc(home.path(), &[])
    });
    block_in_place(|| {
        laptop.wait_for(READY);
        desk.wait_for(READY);
        leave_composer(&mut laptop);
        laptop.keys("H");
        laptop.wait_for("what rings in this room");
        laptop.keys(key::TAB);
        laptop.keys("2h");
        laptop.keys(key::ENTER);
        laptop.wait_for("changed");
        leave_composer(&mut desk);
        eventually_hushed(&mut desk);
    });
}

/// The form says so, once the other terminal's change is here.
fn eventually_hushed(erc: &mut Terminal) {
    for _ in 0..50 {
        erc.keys("H");
        let screen = erc.wait_for("what rings in this room");
        erc.keys(key::ESCAPE);
        erc.wait_until("the form is closed", |screen| {
            !screen.contains("what rings in this room")
        });
        if screen.contains("Hushed.") {
            return;
        }
    }
    panic!("it is not hushed in the other terminal");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_reported_by_a_key_looked_after_in_another_terminal_and_closed() {
    let (server, ada, _, room) = a_room_of_two().await;
    ada.send(room, "hello").await;
    server.add_user("mallory");
    let mallory = Person::sign_in(&server.url(), "mallory").await;
    mallory.join(room).await;
    let said = mallory.send(room, "buy this now").await;
    let (mine, hers) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    log_in(mine.path(), &server.url(), "bo");
    log_in(hers.path(), &server.url(), "ada");
    let mut erc = Terminal::erc(mine.path(), &[]);
    let mut moderator = Terminal::erc(hers.path(), &[]);
    block_in_place(|| {
        moderator.wait_for("buy this now");
        erc.wait_for("buy this now");
        leave_composer(&mut erc);
        erc.keys("!");
        erc.wait_for("report this message");
        erc.keys(key::TAB);
        erc.keys("not again\r");
        erc.wait_for("those who moderate are told");
        // Ada made the room: she sees the count without asking, the queue, and what stood there.
        moderator.wait_for("1 reported");
        moderator.keys(key::CTRL_K);
        moderator.keys("reports to look after\r");
        moderator.wait_for("spam: mallory");
        moderator.keys("\r");
        moderator.wait_for("not again");
        moderator.keys("delete the message\r");
        moderator.wait_for("close the report");
        moderator.keys("\r");
        moderator.wait_for("the report is closed");
        moderator.wait_until("nothing waits", |screen| !screen.contains("1 reported"));
        erc.wait_until("it is gone", |screen| !screen.contains("buy this now"));
        moderator.keys(key::CTRL_K);
        moderator.keys("did in this room\r");
        moderator.wait_for("report.close");
    });
    let deleted = ada
        .get(&format!("/chat/messages/{}", said.message_id))
        .await;
    assert!(!deleted.body["deleted_at"].is_null(), "{}", deleted.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_is_typed_voted_in_by_keys_and_ended() {
    let (server, ada, bo, room) = a_room_of_two().await;
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &server.url(), "ada");
    let mut erc = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        erc.wait_for(READY);
        erc.keys("/poll \"Which drink?\" \"Tea\" \"Coffee\"");
        erc.keys(key::ENTER);
        erc.wait_for("2. ( ) Coffee");
        erc.wait_for("open: v votes");
        leave_composer(&mut erc);
        erc.keys("Gv");
        erc.wait_for("vote for one");
        erc.keys("2");
        erc.keys(key::ENTER);
        erc.wait_for("2. (x) Coffee");
    });
    let poll = eventually("the vote is on the server", async || {
        let history = bo.history(room).await;
        let poll = history.first().and_then(|row| row.poll.clone());
        poll.filter(|poll| poll.voters == 1)
    })
    .await;
    assert_eq!(poll.options[1].users, [ada.tokens.user.id]);
    let id = bo.history(room).await[0].message_id;
    let vote = serde_json::json!({ "options": [1] });
    bo.put(&format!("/chat/messages/{id}/vote"), &vote)
        .await
        .ok();
    block_in_place(|| {
        erc.wait_for("2 (100%)");
        erc.keys("V");
        erc.wait_for("who chose what");
        erc.wait_until("both are named", |screen| {
            screen.matches("Coffee").count() >= 2
        });
        erc.keys(key::ESCAPE);
        erc.wait_until("the list is closed", |screen| {
            !screen.contains("who chose what")
        });
        erc.keys("C");
        erc.wait_for("End this poll?");
        erc.keys("y");
        erc.wait_for("the poll is over");
    });
    let closed = eventually("it is closed on the server", async || {
        let poll = bo.history(room).await[0].poll.clone();
        poll.filter(|poll| poll.closed_at.is_some())
    })
    .await;
    assert_eq!(closed.closed_by, Some(ada.tokens.user.id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_that_are_not_taken_are_masked_and_refused_in_terminals() {
    let (server, ada, _, room) = a_room_of_two().await;
    let homes = [(); 2].map(|()| tempfile::tempdir().unwrap());
    for (home, name) in homes.iter().zip(["ada", "bo"]) {
        log_in(home.path(), &server.url(), name);
    }
    let mut manages = Terminal::erc(homes[0].path(), &[]);
    let mut writes = Terminal::erc(homes[1].path(), &[]);
    block_in_place(|| {
        for erc in [&mut manages, &mut writes] {
            erc.wait_for(READY);
        }
        for (word, action) in [("darn", "mask"), ("heck", "refuse")] {
            manages.keys(key::CTRL_K);
            manages.keys("word filters of this room\r");
            manages.wait_for("add a filter");
            manages.keys("\r");
            manages.wait_for("add a word filter");
            manages.keys(word);
            manages.keys(key::TAB);
            manages.keys(key::TAB);
            manages.keys(key::CTRL_U);
            manages.keys(action);
            manages.keys("\r");
            manages.wait_until("it is added", |screen| {
                screen.contains("the filter holds from now on") && !screen.contains("add a word")
            });
        }
        writes.line("well, Darn it");
        manages.wait_for("well, ∗∗∗∗ it");
        writes.wait_for("well, ∗∗∗∗ it");
        writes.line("what the heck");
        writes.wait_for("aren't taken here");
        assert!(writes.contents().contains("what the heck"), "it is kept");
    });
    stored(&ada, room, &["well, ∗∗∗∗ it"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emoji_of_the_community_is_added_written_and_taken_away_in_terminals() {
    let (server, ada, _, room) = a_room_of_two().await;
    server.add_user_as("mo", "moderator");
    let mo = Person::sign_in(&server.url(), "mo").await;
    mo.join(room).await;
    let homes = [(); 2].map(|()| tempfile::tempdir().unwrap());
    for (home, name) in homes.iter().zip(["mo", "bo"]) {
        log_in(home.path(), &server.url(), name);
    }
    let file = homes[0].path().join("party parrot.png");
    std::fs::write(&file, picture::disc(48, [220, 60, 40])).unwrap();
    let message = ada.send(room, "we have a launch").await.message_id;
    let mut manages = Terminal::erc(homes[0].path(), &[]);
    let mut writes = Terminal::erc(homes[1].path(), &[]);
    block_in_place(|| {
        for erc in [&mut manages, &mut writes] {
            erc.wait_for(READY);
            erc.wait_for("we have a launch");
        }
        manages.line(&format!("/emoji add party_parrot {}", file.display()));
        manages.wait_for("the emoji is there for everybody");
        // It is there for the other one without a word: proposed, sent, and reacted with.
        writes.keys("so :party_par");
        writes.wait_for("of this community");
        writes.keys(key::TAB);
        writes.keys("it is\r");
        manages.wait_for("so :party_parrot: it is");
        leave_composer(&mut writes);
        writes.keys("k+");
        writes.wait_for(":thumbsup:");
        writes.keys("party_parrot\r");
        writes.wait_for(":party_parrot: 1*");
        manages.wait_for(":party_parrot: 1");
        // A picture that is none, and taking it away after a question.
        let no_picture = homes[0].path().join("no.png");
        std::fs::write(&no_picture, "<!doctype html>").unwrap();
        manages.line(&format!("/emoji add nothing {}", no_picture.display()));
        manages.wait_for("is no PNG, GIF or WebP");
        manages.keys(key::CTRL_U);
        manages.line("/emoji remove party_parrot");
        manages.wait_for("Take this emoji away?");
        manages.keys("y");
        manages.wait_for("it is taken away");
        manages.line("/emoji");
        manages.wait_until("the list is empty", |screen| {
            screen.contains("add an emoji")
                && !screen.contains("64×48")
                && !screen.contains("by mo")
        });
        writes.wait_for(":party_parrot: 1*");
    });
    let history = ada.history(room).await;
    let reacted: Vec<_> = history.iter().flat_map(|m| &m.reactions).collect();
    assert_eq!(reacted.len(), 1);
    assert_eq!(reacted[0].emoji, ":party_parrot:");
    let again = serde_json::json!({ "emoji": ":party_parrot:", "on": true });
    let path = format!("/chat/messages/{message}/reactions");
    assert_eq!(mo.post(&path, &again).await.status, 422);
}
