//! Threads: replies that don't clutter the room, who follows, what is unread, and how it is told.

use erc_protocol::gateway::client::{FollowThread, Hello, ReadThread};
use erc_protocol::gateway::{ClientFrame, ServerFrame};
use erc_protocol::sync::Unread;
use erc_protocol::thread::{FollowedThreads, ThreadList, ThreadPage};
use erc_protocol::{Message, MessageId, RoomId, Row, Seq, UserRev, UserThread, limit};
use erc_server::ops::{Actor, catch_up, messages};
use erc_server::store::UserThreadRow;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, code};

impl Person {
    async fn reply_with(&self, room: RoomId, top: MessageId, more: Value) -> (StatusCode, Value) {
        let mut body = json!({ "content": "a reply", "thread_id": top });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        self.post(&format!("/chat/rooms/{room}/messages"), body)
            .await
    }

    async fn reply(&self, room: RoomId, top: MessageId, text: &str) -> Message {
        let (status, message) = self.reply_with(room, top, json!({ "content": text })).await;
        assert_eq!(status, StatusCode::CREATED, "{message}");
        serde_json::from_value(message).unwrap()
    }

    async fn thread(&self, top: MessageId) -> ThreadPage {
        let (status, page) = self.get(&format!("/chat/messages/{top}/thread")).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        serde_json::from_value(page).unwrap()
    }

    /// Whether they follow, what is unread, and how much of it names them.
    async fn unread_in(&self, top: MessageId) -> (bool, i64, i64) {
        let mine = self.thread(top).await.mine;
        (mine.following, mine.unread.count, mine.unread.mentions)
    }

    async fn unread_of_room(&self, room: RoomId) -> (i64, i64) {
        let (_, list) = self.get("/chat/rooms").await;
        let rooms = list["rooms"].as_array().unwrap();
        let of = rooms.iter().find(|one| one["id"] == json!(room)).unwrap();
        let unread: Unread = serde_json::from_value(of["unread"].clone()).unwrap();
        (unread.count, unread.mentions)
    }

    async fn follow(&self, top: MessageId, method: Method) -> UserThread {
        let path = format!("/chat/messages/{top}/thread/follow");
        let (status, row) = self.ask(method, &path, None).await;
        assert_eq!(status, StatusCode::OK, "{row}");
        serde_json::from_value(row).unwrap()
    }

    async fn read_thread(&self, top: MessageId, seq: Seq) -> UserThread {
        let path = format!("/chat/messages/{top}/thread/read");
        let (status, row) = self.post(&path, json!({ "seq": seq })).await;
        assert_eq!(status, StatusCode::OK, "{row}");
        serde_json::from_value(row).unwrap()
    }

    async fn one(&self, id: MessageId) -> Message {
        let (status, row) = self.get(&format!("/chat/messages/{id}")).await;
        assert_eq!(status, StatusCode::OK, "{row}");
        serde_json::from_value(row).unwrap()
    }
}

#[tokio::test]
async fn a_reply_stands_in_the_order_of_the_room_and_its_root_tells_of_it() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let top = ada.send(room, "tea?").await;
    let mut socket = ada.socket().await;
    let first = bo.reply(room, top.message_id, "yes").await;
    assert_eq!(first.seq, top.seq.next());
    assert_eq!(first.rev, top.rev.next());
    assert_eq!(first.thread_id, Some(top.message_id));
    // The reply first, then the root: each its own change.
    let heard = socket
        .until(|frame| matches!(frame, ServerFrame::MessageUpdated(_)))
        .await;
    let rows: Vec<&Message> = heard
        .iter()
        .filter_map(|frame| match frame {
            ServerFrame::NewMessage(row) | ServerFrame::MessageUpdated(row) => Some(row),
            _ => None,
        })
        .collect();
    assert_eq!(rows[0], &first);
    assert_eq!(
        (rows[1].message_id, rows[1].rev),
        (top.message_id, first.rev.next())
    );
    let thread = rows[1].thread.unwrap();
    assert_eq!((thread.replies, thread.last_seq), (1, first.seq));
    assert_eq!(thread.last_at, first.created_at);
    assert_eq!(rows[1].edited_at, None, "nobody changed what it says");

    let second = ada.reply(room, top.message_id, "with milk?").await;
    let page = bo.thread(top.message_id).await;
    assert_eq!(page.messages, [first.clone(), second.clone()]);
    assert_eq!(page.root.unwrap().thread.unwrap().replies, 2);
    // What is deleted leaves the count, and its place in the thread.
    let path = format!("/chat/messages/{}", second.message_id);
    ada.ask(Method::DELETE, &path, None).await;
    let page = bo.thread(top.message_id).await;
    assert_eq!(page.root.unwrap().thread.unwrap().last_seq, first.seq);
    assert!(page.messages[1].is_deleted());
    let path = format!("/chat/messages/{}", first.message_id);
    bo.ask(Method::DELETE, &path, None).await;
    assert_eq!(bo.one(top.message_id).await.thread, None);
}

#[tokio::test]
async fn a_deleted_root_leaves_its_thread_which_goes_on() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let top = ada.send(room, "oops").await.message_id;
    let alone = ada.send(room, "oops again").await.message_id;
    bo.reply(room, top, "what?").await;
    for id in [top, alone] {
        ada.ask(Method::DELETE, &format!("/chat/messages/{id}"), None)
            .await;
    }
    bo.reply(room, top, "well").await;
    let page = ada.thread(top).await;
    let told = page.root.unwrap();
    assert!(told.is_deleted() && told.content.is_empty());
    assert_eq!((told.thread.unwrap().replies, page.messages.len()), (2, 2));
    assert!(told.deleted_rev.unwrap() < told.rev);
    let (status, body) = bo.reply_with(room, alone, json!({})).await;
    assert_eq!((status, code(&body)), (StatusCode::GONE, "message_deleted"));
}

#[tokio::test]
async fn a_reply_is_unread_in_its_thread_and_in_the_room_only_if_it_is_shown_there() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let eve = server.user("eve").await;
    let room = ada.room("den", &[&bo, &eve]).await;
    let top = ada.send(room, "tea?").await.message_id;
    bo.reply(room, top, "in the thread").await;
    assert_eq!(ada.unread_of_room(room).await, (0, 0));
    // Who began it follows, who wrote follows, and who only looks on doesn't.
    assert_eq!(ada.unread_in(top).await, (true, 1, 0));
    assert_eq!(bo.unread_in(top).await, (true, 0, 0));
    assert_eq!(eve.unread_in(top).await, (false, 0, 0));
    assert_eq!(eve.unread_of_room(room).await, (1, 0), "the root");

    // Naming somebody makes them follow from there on.
    bo.reply(room, top, "what does @eve say?").await;
    assert_eq!(eve.unread_in(top).await, (true, 1, 1));
    assert_eq!(eve.unread_of_room(room).await, (1, 0));
    assert_eq!(ada.unread_in(top).await, (true, 2, 0));
    let (status, both) = bo
        .reply_with(
            room,
            top,
            json!({ "content": "all of you, @ada", "also_in_room": true }),
        )
        .await;
    assert_eq!(status, StatusCode::CREATED, "{both}");
    assert_eq!(ada.unread_of_room(room).await, (1, 1));
    assert_eq!(ada.unread_in(top).await, (true, 3, 1));
    // Reading the one does not read the other.
    let seq = both["seq"].as_i64().unwrap();
    let (_, left) = ada
        .post(&format!("/chat/rooms/{room}/read"), json!({ "seq": seq }))
        .await;
    assert_eq!(
        (left["count"].as_i64(), left["mentions"].as_i64()),
        (Some(0), Some(0))
    );
    assert_eq!(ada.unread_in(top).await, (true, 3, 1));
    let path = format!("/chat/messages/{}", both["message_id"]);
    bo.ask(Method::DELETE, &path, None).await;
    assert_eq!(ada.unread_in(top).await, (true, 2, 0));
}

#[tokio::test]
async fn the_mark_in_a_thread_never_goes_back_and_every_device_hears_of_it() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let top = ada.send(room, "tea?").await.message_id;
    let (mut one, mut other) = (ada.socket().await, ada.socket().await);
    let (first, second) = (
        bo.reply(room, top, "a").await,
        bo.reply(room, top, "b").await,
    );
    one.say(ClientFrame::ReadThread(ReadThread {
        thread_id: top,
        seq: first.seq,
    }))
    .await;
    let is_read = |frame: &ServerFrame| {
        match frame {
        ServerFrame::Sync(sync) => sync.user.iter().flat_map(|user| &user.threads).any(|row| {
            matches!(row, Row::Known(row) if row.read_seq == first.seq && row.unread.count == 1)
        }),
        _ => false,
    }
    };
    other.until(is_read).await;
    assert_eq!(ada.read_thread(top, Seq(1)).await.read_seq, first.seq);
    // Beyond the newest message means the newest.
    let row = ada.read_thread(top, Seq(1_000)).await;
    assert_eq!((row.read_seq, row.unread.count), (second.seq, 0));
    assert_eq!(row.unread.at_seq, second.seq);
}

#[tokio::test]
async fn one_follows_and_no_longer_and_writing_follows_again() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let eve = server.user("eve").await;
    let room = ada.room("den", &[&bo, &eve]).await;
    let top = ada.send(room, "tea?").await.message_id;
    bo.reply(room, top, "before").await;
    let row = eve.follow(top, Method::PUT).await;
    assert!(
        row.following && row.unread.count == 0,
        "from now on: {row:?}"
    );
    assert_eq!(
        eve.follow(top, Method::PUT).await,
        row,
        "again is no change"
    );
    bo.reply(room, top, "after").await;
    assert_eq!(eve.unread_in(top).await, (true, 1, 0));
    let row = eve.follow(top, Method::DELETE).await;
    assert_eq!((row.following, row.unread.count), (false, 0));
    bo.reply(room, top, "unheard").await;
    assert_eq!(eve.unread_in(top).await, (false, 0, 0));
    // Who has said that they don't follow is not made to by what others write.
    ada.follow(top, Method::DELETE).await;
    bo.reply(room, top, "unheard, too").await;
    assert_eq!(ada.unread_in(top).await, (false, 0, 0));
    ada.reply(room, top, "here I am").await;
    assert_eq!(ada.unread_in(top).await, (true, 0, 0));
    bo.reply(room, top, "oh, @eve").await;
    assert_eq!(ada.unread_in(top).await, (true, 1, 0));
    assert_eq!(eve.unread_in(top).await, (true, 1, 1));
    let (_, list) = eve.get("/chat/threads").await;
    let list: FollowedThreads = serde_json::from_value(list).unwrap();
    let told = &list.threads[0];
    assert_eq!(told.root.as_ref().unwrap().message_id, top);
    assert_eq!((told.mine.unread.count, list.threads.len()), (1, 1));
}

#[tokio::test]
async fn only_a_message_of_the_room_that_stands_in_no_thread_begins_one() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let other = ada.room("other", &[]).await;
    let top = ada.send(room, "tea?").await.message_id;
    let elsewhere = ada.send(other, "coffee?").await.message_id;
    let reply = bo.reply(room, top, "yes").await.message_id;
    for id in [elsewhere, reply, MessageId(999_999)] {
        let (status, body) = bo.reply_with(room, id, json!({})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert!(
            body["error"]["details"]["fields"]["thread_id"].is_string(),
            "{body}"
        );
    }
    for (path, status) in [
        (
            format!("/chat/messages/{reply}/thread"),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            format!("/chat/messages/{elsewhere}/thread"),
            StatusCode::NOT_FOUND,
        ),
    ] {
        assert_eq!(bo.get(&path).await.0, status, "{path}");
    }
    // The same name for another thread is another message.
    let named = json!({ "client_id": "0197f0a1-2b3c-7d4e-8f50-617283940a1b" });
    let (status, first) = bo.reply_with(room, top, named.clone()).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(bo.reply_with(room, top, named.clone()).await.1, first);
    let second = ada.send(room, "coffee?").await.message_id;
    let (status, body) = bo.reply_with(room, second, named).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::CONFLICT, "client_id_reused")
    );
}

#[tokio::test]
async fn who_came_later_sees_of_a_thread_what_they_see_of_the_room() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada
        .room_with(json!({ "name": "den", "history": "joined" }))
        .await;
    let top = ada.send(room, "tea?").await.message_id;
    let before = ada.reply(room, top, "before").await.message_id;
    let quiet = ada.send(room, "quiet").await.message_id;
    ada.reply(room, quiet, "before, too").await;
    bo.post(&format!("/chat/rooms/{room}/join"), Value::Null)
        .await;
    for id in [top, quiet] {
        let (status, _) = bo.get(&format!("/chat/messages/{id}/thread")).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(
            bo.reply_with(room, id, json!({})).await.0,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    let after = ada.reply(room, top, "and @bo?").await;
    let page = bo.thread(top).await;
    assert_eq!((page.root, page.messages), (None, vec![after.clone()]));
    assert_eq!(bo.unread_in(top).await, (true, 1, 1));
    // They may answer what they see.
    bo.reply(room, top, "here").await;
    let (status, _) = bo.get(&format!("/chat/messages/{before}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (_, list) = bo.get(&format!("/chat/rooms/{room}/threads")).await;
    let list: ThreadList = serde_json::from_value(list).unwrap();
    assert_eq!(list.roots, [], "roots that they don't see");
    let (_, followed) = bo.get("/chat/threads").await;
    let followed: FollowedThreads = serde_json::from_value(followed).unwrap();
    assert_eq!(followed.threads[0].root, None);
}

#[tokio::test]
async fn threads_and_replies_are_paged() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let mut tops = Vec::new();
    for n in 0..3 {
        tops.push(ada.send(room, &format!("root {n}")).await.message_id);
    }
    let mut replies = Vec::new();
    for top in [0, 1, 2, 0, 0] {
        replies.push(ada.reply(room, tops[top], "x").await);
    }
    let list = async |query: &str| -> ThreadList {
        let (status, list) = ada.get(&format!("/chat/rooms/{room}/threads{query}")).await;
        assert_eq!(status, StatusCode::OK, "{list}");
        serde_json::from_value(list).unwrap()
    };
    let ids = |list: &ThreadList| {
        list.roots
            .iter()
            .map(|row| row.message_id)
            .collect::<Vec<_>>()
    };
    let first = list("?limit=2").await;
    assert_eq!(
        (ids(&first), first.has_more),
        (vec![tops[0], tops[2]], true)
    );
    let below = first.roots[1].thread.unwrap().last_seq;
    let rest = list(&format!("?limit=2&before_seq={below}")).await;
    assert_eq!((ids(&rest), rest.has_more), (vec![tops[1]], false));
    let page = async |query: &str| -> ThreadPage {
        let (status, page) = ada
            .get(&format!("/chat/messages/{}/thread{query}", tops[0]))
            .await;
        assert_eq!(status, StatusCode::OK, "{page}");
        serde_json::from_value(page).unwrap()
    };
    let newest = page("?limit=2").await;
    assert_eq!(
        (&newest.messages[..], newest.has_more),
        (&replies[3..], true)
    );
    let older = page(&format!("?limit=2&before_seq={}", replies[3].seq)).await;
    assert_eq!(
        (&older.messages[..], older.has_more),
        (&replies[..1], false)
    );
    for (path, most) in [
        (format!("/chat/rooms/{room}/threads"), limit::THREAD_PAGE),
        (
            format!("/chat/messages/{}/thread", tops[0]),
            limit::PAGE_MESSAGES,
        ),
    ] {
        for (wanted, status) in [
            (0, StatusCode::UNPROCESSABLE_ENTITY),
            (1, StatusCode::OK),
            (most, StatusCode::OK),
            (most + 1, StatusCode::UNPROCESSABLE_ENTITY),
        ] {
            let (told, body) = ada.get(&format!("{path}?limit={wanted}")).await;
            assert_eq!(told, status, "{wanted}: {body}");
        }
        let (told, _) = ada.get(&format!("{path}?before_seq=-1")).await;
        assert_eq!(told, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn who_follows_as_many_threads_as_may_be_lets_go_of_the_quietest() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let quiet = ada.send(room, "quiet").await.message_id;
    let most = usize::try_from(limit::FOLLOWED_THREADS).unwrap();
    // As if they had followed one less than may be.
    server.pass(std::time::Duration::from_secs(1));
    let actor = Actor {
        user: ada.id,
        session: ada.tokens.session_id,
        since: ada.tokens.user.created_at,
    };
    let sends = (0..most).map(async |_| {
        let request = serde_json::from_value(json!({ "content": "x" })).unwrap();
        let sent = messages::send(&server.app, actor, room, request).await;
        sent.unwrap().await.unwrap().message_id
    });
    let ids = futures_util::future::join_all(sends).await;
    let mut tx = server.app.db.begin().await.unwrap();
    let others = ids[1..].iter().chain([&quiet]);
    for id in others.take(most - 1).chain([&quiet]) {
        let row = UserThreadRow {
            user_id: ada.id,
            thread_id: *id,
            room_id: room,
            following: true,
            read_seq: Seq(0),
            user_rev: UserRev(1),
        };
        tx.put_user_thread(&row).await.unwrap();
    }
    tx.commit().await.unwrap();
    let count = async || {
        let (_, list) = ada.get("/chat/threads").await;
        list["threads"].as_array().unwrap().len()
    };
    assert_eq!(count().await, most);
    assert!(ada.thread(quiet).await.mine.following, "as many as may be");
    assert!(ada.follow(ids[0], Method::PUT).await.following);
    assert_eq!(count().await, most);
    assert!(!ada.thread(quiet).await.mine.following, "one more");
}

#[tokio::test]
async fn catching_up_tells_of_threads_from_the_beginning_and_from_a_cursor() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let top = ada.send(room, "tea?").await.message_id;
    for n in 0..3 {
        bo.reply(room, top, &format!("{n}")).await;
    }
    let mut socket = ada.silent_socket().await;
    socket.say(ClientFrame::Hello(Hello::default())).await;
    let frames = socket.until(crate::harness::is_done).await;
    let syncs = frames.iter().filter_map(|frame| match frame {
        ServerFrame::Sync(sync) => Some(sync),
        _ => None,
    });
    let syncs: Vec<_> = syncs.collect();
    let mine = syncs.iter().filter_map(|sync| sync.user.as_ref());
    let mine: Vec<_> = mine.flat_map(|user| user.threads.clone()).collect();
    let [Row::Known(mine)] = &mine[..] else {
        panic!("{mine:?}")
    };
    assert_eq!(
        (mine.thread_id, mine.following, mine.unread.count),
        (top, true, 3)
    );
    let told = syncs.iter().flat_map(|sync| &sync.rooms);
    let told: Vec<_> = told.flat_map(|batch| batch.threads.clone()).collect();
    assert_eq!(
        (told.len(), told[0].thread_id, told[0].unread),
        (1, top, mine.unread)
    );
    // Following is said over the socket, too.
    socket
        .say(ClientFrame::FollowThread(FollowThread {
            thread_id: top,
            on: false,
        }))
        .await;
    let is_gone =
        |frame: &ServerFrame| match frame {
            ServerFrame::Sync(sync) => sync.user.iter().flat_map(|user| &user.threads).any(
                |row| matches!(row, Row::Known(row) if !row.following && row.unread.count == 0),
            ),
            _ => false,
        };
    socket.until(is_gone).await;
}

#[tokio::test]
async fn threads_go_with_their_room() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let top = ada.send(room, "tea?").await.message_id;
    bo.reply(room, top, "yes").await;
    let (status, _) = ada
        .ask(Method::DELETE, &format!("/chat/rooms/{room}"), None)
        .await;
    assert!(status.is_success());
    let mut tx = server.app.db.snapshot().await.unwrap();
    assert_eq!(tx.user_thread(bo.id, top).await.unwrap(), None);
    let (_, list) = bo.get("/chat/threads").await;
    assert_eq!(list, json!({ "threads": [] }));
}

#[tokio::test]
async fn what_stands_in_threads_is_found_by_asking_for_it() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let top = ada.send(room, "green tea").await.message_id;
    let plain = ada.send(room, "black tea").await.message_id;
    let reply = bo.reply(room, top, "tea with milk").await.message_id;
    server.app.index().await.unwrap();
    for (query, expected) in [
        ("tea is:thread", vec![reply, top]),
        ("tea -is:thread", vec![plain]),
    ] {
        let body = json!({ "query": query });
        let (status, found) = ada.post("/chat/search", body).await;
        assert_eq!(status, StatusCode::OK, "{found}");
        let hits = found["hits"].as_array().unwrap();
        let ids: Vec<_> = hits
            .iter()
            .map(|hit| hit["message"]["message_id"].clone())
            .collect();
        assert_eq!(json!(ids), json!(expected), "{query}");
    }
}

#[tokio::test]
async fn the_head_of_a_room_shows_no_reply_that_its_thread_alone_shows() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let top = ada.send(room, "lunch?").await.message_id;
    ada.reply(room, top, "at one").await;
    let preview = async || {
        let head = catch_up::head(&server.app, ada.id, room).await.unwrap();
        head.preview.unwrap().content
    };
    assert_eq!(preview().await, "lunch?");
    ada.reply_with(room, top, json!({ "also_in_room": true }))
        .await;
    assert_eq!(preview().await, "a reply");
}
