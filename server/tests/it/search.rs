//! Searching over REST.

use std::collections::BTreeSet;
use std::time::Duration;

use erc_protocol::api::search::SearchResults;
use erc_protocol::{RoomId, Seq, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{PATIENCE, Person, Server, code};

async fn search(person: &Person, body: Value) -> SearchResults {
    let (status, answer) = person.post("/chat/search", body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    serde_json::from_value(answer).unwrap()
}

fn texts(results: &SearchResults) -> Vec<&str> {
    let hits = results.hits.iter();
    hits.map(|hit| hit.message.content.as_str()).collect()
}

async fn found(server: &Server, person: &Person, query: &str) -> Vec<String> {
    server.app.index().await.unwrap();
    let results = search(person, json!({ "query": query })).await;
    assert!(results.coverage.complete, "{:?}", results.coverage);
    texts(&results).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn words_phrases_and_filters_find_what_they_say() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("Größe", &[&bo]).await;
    let other = ada.room("other", &[]).await;
    ada.send(room, "Un café?").await;
    bo.send(room, "昨日、日本語を勉強した https://example.org")
        .await;
    server.pass(Duration::from_hours(24));
    // The access token was for an hour.
    let ada = server.sign_in("ada").await;
    ada.send(room, "we meet at six @bo").await;
    ada.send(other, "skimmeeting").await;
    for (query, expected) in [
        ("cafe", vec!["Un café?"]),
        ("meet", vec!["skimmeeting", "we meet at six @bo"]),
        ("\"meet at\"", vec!["we meet at six @bo"]),
        ("meet -six", vec!["skimmeeting"]),
        ("日本", vec!["昨日、日本語を勉強した https://example.org"]),
        (
            "from:bo",
            vec!["昨日、日本語を勉強した https://example.org"],
        ),
        (
            "has:link",
            vec!["昨日、日本語を勉強した https://example.org"],
        ),
        ("in:grosse meet", vec!["we meet at six @bo"]),
        ("on:yesterday cafe", vec!["Un café?"]),
        (
            "after:2026-01-01 from:me",
            vec!["skimmeeting", "we meet at six @bo"],
        ),
        (
            "before:today -from:ada",
            vec!["昨日、日本語を勉強した https://example.org"],
        ),
        ("mentions:bo", vec!["we meet at six @bo"]),
        ("nothing", vec![]),
    ] {
        assert_eq!(found(&server, &ada, query).await, expected, "{query}");
    }
    let one = search(&ada, json!({ "query": "meet", "room_id": room })).await;
    assert_eq!(texts(&one), ["we meet at six @bo"]);
    let hit = &one.hits[0];
    assert_eq!((hit.room_name.as_str(), hit.snippet), ("Größe", (0, 18)));
    assert_eq!(hit.highlights, [(3, 7)]);
    let best = search(&ada, json!({ "query": "meet", "sort": "relevance" })).await;
    assert_eq!(texts(&best), ["we meet at six @bo", "skimmeeting"]);
}

#[tokio::test]
async fn edits_and_deletions_move_in_the_index_by_themselves() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let first = ada.send(room, "before").await;
    let second = ada.send(room, "secret before").await;
    let path = format!("/chat/messages/{}", first.message_id);
    let edited = json!({ "content": "afterwards" });
    assert!(
        ada.ask(Method::PUT, &path, Some(edited))
            .await
            .0
            .is_success()
    );
    let path = format!("/chat/messages/{}", second.message_id);
    assert!(ada.ask(Method::DELETE, &path, None).await.0.is_success());
    // Nobody asks the index to hurry: it catches up by itself.
    let caught_up = async {
        loop {
            let results = search(&ada, json!({ "query": "afterwards" })).await;
            if results.coverage.complete {
                return results;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let results = tokio::time::timeout(PATIENCE, caught_up).await.unwrap();
    assert_eq!(texts(&results), ["afterwards"]);
    assert_eq!(found(&server, &ada, "before").await, Vec::<String>::new());
    assert_eq!(found(&server, &ada, "secret").await, Vec::<String>::new());
}

#[tokio::test]
async fn what_the_index_lacks_is_said() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    server.app.index().await.unwrap();
    // Not by way of the committer, so that the indexer doesn't notice.
    let mut tx = server.app.db.begin().await.unwrap();
    tx.next_rev(room).await.unwrap();
    tx.commit().await.unwrap();
    let results = search(&ada, json!({ "query": "x" })).await;
    assert_eq!(
        (results.coverage.complete, results.coverage.behind),
        (false, 1)
    );
    server.app.index().await.unwrap();
    let results = search(&ada, json!({ "query": "x" })).await;
    assert_eq!(
        (results.coverage.complete, results.coverage.behind),
        (true, 0)
    );
}

#[tokio::test]
async fn pages_bring_every_hit_once() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let rooms = [ada.room("a", &[]).await, ada.room("b", &[]).await];
    let mut sent = BTreeSet::new();
    for n in 0..23 {
        let message = ada.send(rooms[n % 2], &format!("needle {n}")).await;
        sent.insert(message.message_id);
        ada.send(rooms[n % 2], "hay").await;
        server.pass(Duration::from_secs(1));
    }
    server.app.index().await.unwrap();
    let mut late_ones = Vec::new();
    for sort in ["newest", "relevance"] {
        let (mut got, mut cursor, mut pages) = (Vec::new(), None, 0);
        loop {
            let mut body = json!({ "query": "needle", "limit": 5, "sort": sort });
            body["cursor"] = json!(cursor);
            let page = search(&ada, body).await;
            got.extend(page.hits.iter().map(|hit| hit.message.message_id));
            pages += 1;
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
            if sort == "newest" {
                // What is new in the midst of it stays away from the pages behind.
                let late = ada.send(rooms[0], "late needle").await;
                server.app.index().await.unwrap();
                let path = format!("/chat/messages/{}", late.message_id);
                late_ones.push((late.message_id, path));
            }
        }
        assert_eq!(pages, 5, "{sort}");
        let distinct: BTreeSet<_> = got.iter().copied().collect();
        assert_eq!((got.len(), &distinct), (23, &sent), "{sort}");
        for (id, path) in late_ones.drain(..) {
            assert!(!distinct.contains(&id));
            ada.ask(Method::DELETE, &path, None).await;
        }
    }
}

/// All that somebody can read page by page.
async fn readable(person: &Person) -> BTreeSet<i64> {
    let mut readable = BTreeSet::new();
    let (_, rooms) = person.get("/chat/rooms").await;
    for room in rooms["rooms"].as_array().unwrap() {
        let id = &room["id"];
        let mut after = Seq::ZERO;
        loop {
            let path = format!("/chat/rooms/{id}/messages?limit=100&after_seq={after}");
            let (status, page) = person.get(&path).await;
            assert_eq!(status, StatusCode::OK, "{page}");
            for message in page["messages"].as_array().unwrap() {
                after = Seq(message["seq"].as_i64().unwrap());
                if message["deleted_at"].is_null() {
                    readable.insert(message["message_id"].as_i64().unwrap());
                }
            }
            if page["has_more"] == false {
                break;
            }
        }
    }
    readable
}

/// Whatever happened before, searching finds exactly what can be read.
#[tokio::test]
async fn searching_finds_what_can_be_read_and_nothing_else() {
    let server = Server::start().await;
    let mut people = Vec::new();
    for name in ["ada", "bo", "cy"] {
        people.push(server.user(name).await);
    }
    let mut rooms: Vec<(RoomId, usize)> = Vec::new();
    for history in ["shared", "joined"] {
        for is_private in [false, true] {
            let body = json!({ "name": "r", "history": history, "is_private": is_private });
            rooms.push((people[0].room_with(body).await, 0));
        }
    }
    let mut dice = Dice(7);
    for step in 0..160 {
        let (room, owner) = rooms[dice.roll(rooms.len())];
        let who = &people[1 + dice.roll(2)];
        let member = format!("/chat/rooms/{room}/members/{}", who.id);
        match dice.roll(8) {
            0 | 1 => drop(people[owner].ask(Method::POST, &member, None).await),
            2 => drop(people[owner].ask(Method::DELETE, &member, None).await),
            3 => drop(who.ask(Method::DELETE, &member, None).await),
            4 => {
                let id = 1 + dice.roll(step + 1);
                let path = format!("/chat/messages/{id}");
                let body = dice.roll(2) == 0;
                let method = if body { Method::PUT } else { Method::DELETE };
                let text = body.then(|| json!({ "content": format!("needle edited {step}") }));
                people[owner].ask(method, &path, text).await;
            }
            _ => {
                let path = format!("/chat/rooms/{room}/messages");
                let sender = &people[dice.roll(3)];
                sender
                    .post(&path, json!({ "content": format!("needle {step}") }))
                    .await;
            }
        }
    }
    server.app.index().await.unwrap();
    let mut seen = 0;
    for person in &people {
        for query in ["needle", "needle -nothing", "-nothing"] {
            let (mut found, mut cursor) = (BTreeSet::new(), None);
            loop {
                let body = json!({ "query": query, "limit": 100, "cursor": cursor });
                let page = search(person, body).await;
                found.extend(page.hits.iter().map(|hit| hit.message.message_id.0));
                cursor = page.cursor;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(found, readable(person).await, "{query}");
            seen += found.len();
        }
    }
    assert!(seen > 100, "something was said: {seen}");
}

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % sides
    }
}

#[tokio::test]
async fn a_search_that_makes_no_sense_is_refused_with_its_place() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[]).await;
    for (body, part) in [
        (json!({ "query": "a form:ada" }), "at character 3"),
        (json!({ "query": "x before:soon" }), "at character 10"),
        (
            json!({ "query": "x from:nobody" }),
            "nobody is called nobody (at character 3)",
        ),
        (
            json!({ "query": "in:nowhere" }),
            "no room called nowhere (at character 1)",
        ),
        (json!({ "query": "  " }), "what is searched for?"),
        (json!({ "query": "x", "limit": 0 }), "from 1 to 100"),
        (
            json!({ "query": "x", "limit": limit::SEARCH_HITS + 1 }),
            "from 1 to 100",
        ),
        (json!({ "query": "x", "cursor": "y" }), "as it is"),
        (
            json!({ "query": "x", "utc_offset": limit::UTC_OFFSET_MINUTES + 1 }),
            "minutes",
        ),
        (
            json!({ "query": "x".repeat(limit::SEARCH_QUERY_CHARS + 1) }),
            "at most",
        ),
    ] {
        let (status, answer) = ada.post("/chat/search", body.clone()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert!(answer.to_string().contains(part), "{body}: {answer}");
    }
    for body in [
        json!({ "query": "x", "limit": 1 }),
        json!({ "query": "x", "limit": limit::SEARCH_HITS }),
        json!({ "query": "x", "utc_offset": -limit::UTC_OFFSET_MINUTES }),
        json!({ "query": "x".repeat(limit::SEARCH_QUERY_CHARS) }),
    ] {
        search(&ada, body).await;
    }
    let (status, answer) = bo
        .post("/chat/search", json!({ "query": "x", "room_id": room }))
        .await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::NOT_FOUND, "not_found")
    );
}
