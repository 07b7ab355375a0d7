//! A community's own emoji: who adds them, what is taken, how everybody learns of it.

use std::time::Duration;

use erc_protocol::emoji::EmojiSync;
use erc_protocol::gateway::ServerFrame;
use erc_protocol::gateway::client::{ClientFrame, Hello};
use erc_protocol::sync::Resume;
use erc_protocol::{CustomEmoji, EmojiId, EmojiRev, Row, ServerRole, UserRev, limit};
use erc_server::ops::repair;
use futures_util::TryStreamExt as _;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, Socket, code, is_done};
use crate::openapi;

/// A picture of so many bytes that no other number of bytes gives.
pub(crate) fn picture(bytes: usize) -> Vec<u8> {
    const END: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        file.extend([&kind[..], data, &[0; 4]].concat());
    };
    chunk(b"IHDR", &[0, 0, 0, 64, 0, 0, 0, 48, 8, 6, 0, 0, 0]);
    chunk(b"IDAT", &[1, 2, 3]);
    let text = bytes - 8 - 25 - 15 - 12 - END.len();
    chunk(b"tEXt", &vec![b'x'; text]);
    file.extend(END);
    assert_eq!(file.len(), bytes);
    file
}

impl Person {
    /// Adds one; what is answered.
    pub(crate) async fn try_emoji(
        &self,
        server: &Server,
        name: &str,
        picture: Vec<u8>,
    ) -> (StatusCode, Value) {
        let answer = reqwest::Client::new()
            .post(format!("{}/server/emoji?name={name}", server.url))
            .bearer_auth(&self.tokens.access_token)
            .body(picture)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let body = answer.json().await.unwrap();
        openapi::is_told(&Method::POST, "/server/emoji", status, &body);
        (status, body)
    }

    pub(crate) async fn emoji(&self, server: &Server, name: &str, bytes: usize) -> CustomEmoji {
        let (status, body) = self.try_emoji(server, name, picture(bytes)).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        serde_json::from_value(body).unwrap()
    }

    async fn remove_emoji(&self, id: EmojiId) -> StatusCode {
        let path = format!("/server/emoji/{id}");
        self.ask(Method::DELETE, &path, None).await.0
    }

    async fn picture(&self, server: &Server, id: EmojiId) -> reqwest::Response {
        reqwest::Client::new()
            .get(format!("{}/server/emoji/{id}/picture", server.url))
            .bearer_auth(&self.tokens.access_token)
            .send()
            .await
            .unwrap()
    }

    async fn names(&self) -> Vec<String> {
        let (_, list) = self.get("/server/emoji").await;
        let list = list["emoji"].as_array().unwrap().iter();
        list.map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

async fn files(server: &Server) -> usize {
    let list: Vec<_> = server.app.blobs.list().try_collect().await.unwrap();
    list.len()
}

/// What the next news of emoji say.
pub(crate) async fn emoji_news(socket: &mut Socket) -> EmojiSync {
    loop {
        if let ServerFrame::Sync(sync) = socket.frame().await
            && let Some(news) = sync.emoji
        {
            return news;
        }
    }
}

fn known(news: EmojiSync) -> Vec<(String, bool)> {
    let rows = news.emoji.into_iter().filter_map(Row::known);
    rows.map(|row| (row.name, row.is_removed)).collect()
}

#[tokio::test]
async fn an_emoji_is_added_shown_and_taken_away_by_moderators() {
    let server = Server::start().await;
    let mo = server.user_with("mo", ServerRole::Moderator).await;
    let ada = server.user("ada").await;
    let (status, body) = ada.try_emoji(&server, "polly", picture(200)).await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
    assert_eq!(
        files(&server).await,
        0,
        "nothing is kept of what is refused"
    );

    let parrot = mo.emoji(&server, ":party_parrot:", 200).await;
    assert_eq!((parrot.width, parrot.height), (64, 48));
    assert_eq!((parrot.size, parrot.is_animated), (200, false));
    assert_eq!(parrot.created_by, Some(mo.id));
    let again = mo.emoji(&server, "party_parrot", 200).await;
    assert_eq!(again, parrot, "the same again is no change");
    let (status, body) = mo.try_emoji(&server, "party_parrot", picture(201)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body["error"]["details"]["fields"]["name"].is_string());
    assert_eq!(ada.names().await, ["party_parrot"]);

    let shown = ada.picture(&server, parrot.id).await;
    assert_eq!(shown.status(), StatusCode::OK);
    let header = |name: &str| shown.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").contains("sandbox"));
    assert!(header("cache-control").contains("immutable"));
    assert!(header("cache-control").contains("private"));
    assert_eq!(shown.bytes().await.unwrap(), picture(200));
    let url = format!("{}/server/emoji/{}/picture", server.url, parrot.id);
    let nobody = reqwest::get(url).await.unwrap();
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);

    assert_eq!(ada.remove_emoji(parrot.id).await, StatusCode::FORBIDDEN);
    for _ in 0..2 {
        assert_eq!(mo.remove_emoji(parrot.id).await, StatusCode::NO_CONTENT);
    }
    assert!(ada.names().await.is_empty());
    let gone = ada.picture(&server, parrot.id).await;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
    assert_eq!(files(&server).await, 0, "its picture is gone");
    let boss = server.user_with("root", ServerRole::Admin).await;
    let (_, log) = boss.get("/server/audit?action=emoji").await;
    let actions = log["entries"].as_array().unwrap().iter();
    let actions: Vec<_> = actions
        .map(|line| (&line["action"], &line["details"]))
        .collect();
    let details = json!({ "name": "party_parrot" });
    assert_eq!(
        actions,
        [
            (&json!("emoji.remove"), &details),
            (&json!("emoji.add"), &details)
        ]
    );
    let faults = repair::check(&server.app.db).await.unwrap();
    assert!(faults.is_empty(), "{faults:?}");
}

#[tokio::test]
async fn a_picture_is_as_large_as_it_may_be_and_no_larger() {
    let server = Server::start().await;
    let mo = server.user_with("mo", ServerRole::Moderator).await;
    let most = limit::EMOJI_BYTES;
    mo.emoji(&server, "below", most - 1).await;
    mo.emoji(&server, "exactly", most).await;
    let (status, body) = mo.try_emoji(&server, "above", picture(most + 1)).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::PAYLOAD_TOO_LARGE, "too_large")
    );
    assert_eq!(mo.names().await, ["below", "exactly"]);
}

#[tokio::test]
async fn what_is_no_picture_or_has_no_name_of_its_own_is_refused() {
    let server = Server::start().await;
    let mo = server.user_with("mo", ServerRole::Moderator).await;
    let huge = {
        let mut file = picture(200);
        file[18] = 0xff;
        file
    };
    for file in [
        b"<!doctype html><script>alert(1)</script>".to_vec(),
        picture(200)[..150].to_vec(),
        [&picture(200)[..], b"<script>"].concat(),
        huge,
        Vec::new(),
    ] {
        let (status, body) = mo.try_emoji(&server, "polly", file).await;
        assert_eq!(
            (status, code(&body)),
            (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed")
        );
        assert!(body["error"]["details"]["fields"]["picture"].is_string());
    }
    for name in ["thumbsup", "a", "Parrot", "par%20rot", "../x"] {
        let (status, body) = mo.try_emoji(&server, name, picture(200)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(body["error"]["details"]["fields"]["name"].is_string());
    }
    assert_eq!(files(&server).await, 0);
}

#[tokio::test]
async fn so_many_emoji_there_are_and_no_more() {
    let server = Server::start().await;
    let mo = server.user_with("mo", ServerRole::Moderator).await;
    let first = mo.emoji(&server, "first", 200).await;
    // The same picture under every name: it is there once.
    let mut tx = server.app.db.begin().await.unwrap();
    let row = tx.emoji(first.id).await.unwrap().unwrap();
    for number in 2..limit::CUSTOM_EMOJI {
        let row = erc_server::store::EmojiRow {
            id: erc_server::clock::new_emoji_id(),
            name: format!("polly_{number}"),
            rev: tx.next_emoji_rev().await.unwrap(),
            ..row.clone()
        };
        tx.put_emoji(&row).await.unwrap();
    }
    tx.commit().await.unwrap();
    mo.emoji(&server, "the_last", 200).await;
    let (status, body) = mo.try_emoji(&server, "one_more", picture(200)).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::CONFLICT, "limit_reached")
    );
    assert_eq!(files(&server).await, 1);
    assert_eq!(mo.remove_emoji(first.id).await, StatusCode::NO_CONTENT);
    assert_eq!(files(&server).await, 1, "others show it");
    mo.emoji(&server, "one_more", 200).await;
}

#[tokio::test]
async fn everybody_learns_of_it_live_and_after_having_been_away() {
    let server = Server::start().await;
    let mo = server.user_with("mo", ServerRole::Moderator).await;
    let ada = server.user("ada").await;
    let owl = mo.emoji(&server, "owlet", 300).await;
    let mut socket = ada.socket().await;
    let news = emoji_news_before_done(&ada).await.unwrap();
    assert_eq!((news.from, news.to), (EmojiRev(0), EmojiRev(1)));
    let parrot = mo.emoji(&server, "polly", 200).await;
    let news = emoji_news(&mut socket).await;
    assert_eq!((news.from, news.to), (EmojiRev(1), EmojiRev(2)));
    assert_eq!(known(news), [("polly".to_owned(), false)]);
    socket.close().await;

    mo.remove_emoji(owl.id).await;
    mo.remove_emoji(parrot.id).await;
    let crow = mo.emoji(&server, "rook_bird", 400).await;
    // The name again, with another picture.
    let other = mo.emoji(&server, "polly", 201).await;
    assert_ne!(other.id, parrot.id);
    let news = resumed(&server, &ada, EmojiRev(2)).await.unwrap();
    assert_eq!((news.from, news.to), (EmojiRev(2), EmojiRev(6)));
    let told = [("owlet", true), ("rook_bird", false), ("polly", false)];
    let told = told.map(|(name, is_removed)| (name.to_owned(), is_removed));
    assert_eq!(known(news), told);
    // Who knows all of it is told nothing, and who knows nothing is told of none that went.
    assert!(resumed(&server, &ada, crow.rev.next()).await.is_none());
    let news = resumed(&server, &ada, EmojiRev::ZERO).await.unwrap();
    assert_eq!(known(news), told[1..]);
}

/// What a client that begins is told.
async fn emoji_news_before_done(who: &Person) -> Option<EmojiSync> {
    let mut socket = who.silent_socket().await;
    socket.say(ClientFrame::Hello(Hello::default())).await;
    told(socket.until(is_done).await)
}

fn told(frames: Vec<ServerFrame>) -> Option<EmojiSync> {
    frames.into_iter().find_map(|frame| match frame {
        ServerFrame::Sync(sync) => sync.emoji,
        _ => None,
    })
}

async fn resumed(server: &Server, who: &Person, emoji_rev: EmojiRev) -> Option<EmojiSync> {
    let mut socket = who.silent_socket().await;
    let resume = Some(Resume {
        instance: server.app.instance,
        user_rev: UserRev::ZERO,
        rooms: [].into(),
        emoji_rev,
    });
    let hello = Hello {
        resume,
        ..Hello::default()
    };
    socket.say(ClientFrame::Hello(hello)).await;
    told(socket.until(is_done).await)
}

#[tokio::test]
async fn people_react_with_it_as_long_as_it_is_there() {
    let server = Server::start().await;
    let mo = server.user_with("mo", ServerRole::Moderator).await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[&mo]).await;
    let id = ada.send(room, "well, :polly:").await.message_id;
    let path = format!("/chat/messages/{id}/reactions");
    let react = async |who: &Person, emoji: &str, on: bool| {
        who.post(&path, json!({ "emoji": emoji, "on": on })).await
    };
    let (status, body) = react(&ada, ":polly:", true).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains(":polly:")
    );
    let parrot = mo.emoji(&server, "polly", 200).await;
    let (status, row) = react(&ada, ":polly:", true).await;
    assert_eq!(status, StatusCode::OK, "{row}");
    let reaction = json!([{ "emoji": ":polly:", "count": 1, "users": [ada.id] }]);
    assert_eq!(row["reactions"], reaction);

    mo.remove_emoji(parrot.id).await;
    let (_, page) = ada.get(&format!("/chat/rooms/{room}/messages")).await;
    assert_eq!(page["messages"][0]["reactions"], reaction, "it stands");
    assert_eq!(page["messages"][0]["content"], "well, :polly:");
    assert_eq!(react(&mo, ":polly:", true).await.0.as_u16(), 422);
    // What is so already is no change, and it can be taken back.
    assert_eq!(react(&ada, ":polly:", true).await.0, StatusCode::OK);
    let (_, row) = react(&ada, ":polly:", false).await;
    assert!(row.get("reactions").is_none_or(|all| all == &json!([])));
    assert_eq!(react(&ada, ":polly:", true).await.0.as_u16(), 422);
}

#[tokio::test]
async fn a_picture_that_was_not_deleted_is_deleted_later_and_not_added_before() {
    let server = Server::start().await;
    let mo = server.user_with("mo", ServerRole::Moderator).await;
    let parrot = mo.emoji(&server, "polly", 200).await;
    // As after a crash between the two: somebody else is at it.
    let mut tx = server.app.db.begin().await.unwrap();
    let row = tx.emoji(parrot.id).await.unwrap().unwrap();
    let now = server.app.clock.now();
    let row = erc_server::store::EmojiRow {
        removed_at: Some(now.0),
        clearing_until: Some(now.0 + 30_000),
        rev: tx.next_emoji_rev().await.unwrap(),
        ..row
    };
    tx.put_emoji(&row).await.unwrap();
    tx.commit().await.unwrap();
    for name in ["polly", "another"] {
        let (status, body) = mo.try_emoji(&server, name, picture(200)).await;
        assert_eq!(
            (status, code(&body)),
            (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        );
    }
    server.app.run_due().await.unwrap();
    assert_eq!(files(&server).await, 1, "it is not its time");
    server.pass(Duration::from_secs(30));
    server.app.run_due().await.unwrap();
    assert_eq!(files(&server).await, 0);
    let again = mo.emoji(&server, "another", 200).await;
    assert_eq!(mo.picture(&server, again.id).await.status(), StatusCode::OK);
}
