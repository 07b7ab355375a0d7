//! A furnished community on a real server: people, rooms, some thousand messages, and a friend who
//! answers. Everything goes through the public protocol, as if people had done it.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use erc_protocol::{
    Message, RoomId, UserId,
    api::rooms::MyRoom,
    auth::TokenResponse,
    gateway::{
        ClientFrame, ServerFrame,
        client::{RoomRef, SetTyping},
    },
};
use futures_util::future::try_join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};
use reqwest::Method;
use serde_json::json;

use crate::{
    ids,
    rest::{Person, anonymous},
    socket::{Wire, send_frame},
    talk,
};

/// User names and the names that others see. The first is the one who tries the program out.
const PEOPLE: &[(&str, &str)] = &[
    ("you", "You"),
    ("ada", "Ada"),
    ("bo", "Bo"),
    ("cleo", "Cleo Okafor"),
    ("dmytro", "Dmytro"),
    ("emma", "Emma Lind"),
    ("farid", "Farid"),
    ("guel", "Gül"),
    ("hugo", "Hugo"),
];

/// Public rooms: name, topic, how much of the talk happens there.
const ROOMS: &[(&str, &str, usize)] = &[
    ("general", "Weekly plan, news, lost umbrellas", 40),
    ("design", "Posters, flyers and the website", 15),
    ("music", "Rehearsals on Thursdays", 20),
    ("hikes", "Slowly and with sandwiches", 15),
    ("kitchen", "Who cooks, who eats, who washes up", 10),
];

/// Fills an empty server that lets people register. `messages` is about how many are written.
pub async fn furnish(server: &str, password: &str, messages: usize, seed: u64) -> Result<()> {
    let people = try_join_all(
        PEOPLE
            .iter()
            .map(async |(name, shown)| register(server, name, shown, password).await),
    )
    .await?;
    let [you, ada, bo, ..] = people.as_slice() else {
        bail!("the community has at least three people");
    };
    let mut rooms = Vec::new();
    for (name, topic, share) in ROOMS {
        let room = create(
            ada,
            json!({ "name": name, "topic": topic, "type": "group" }),
        )
        .await?;
        try_join_all(people.iter().filter(|p| p.id() != ada.id()).map(async |p| {
            done(
                p.post(&format!("/chat/rooms/{room}/join"), &json!({}))
                    .await,
            )
            .map(|_| ())
        }))
        .await?;
        rooms.push((room, people.clone(), messages * share / 100));
    }
    let organisers = create(
        ada,
        json!({
            "name": "organisers", "topic": "Keys, money, letters to the council", "type": "group",
            "is_private": true, "member_ids": [you.id(), bo.id()],
        }),
    )
    .await?;
    rooms.push((
        organisers,
        vec![ada.clone(), bo.clone(), you.clone()],
        messages / 30,
    ));
    for friend in [ada, bo] {
        let direct = create(
            you,
            json!({ "type": "direct", "member_ids": [friend.id()] }),
        )
        .await?;
        rooms.push((direct, vec![friend.clone(), you.clone()], messages / 60));
    }
    // Rooms fill up beside each other; within a room people speak in turn.
    try_join_all(rooms.iter().enumerate().map(|(at, (room, people, count))| {
        let random = StdRng::seed_from_u64(seed.wrapping_add(at as u64));
        fill(*room, people, *count, random)
    }))
    .await?;
    leave_some_unread(you, seed).await
}

impl Person {
    /// Who this is.
    pub fn id(&self) -> UserId {
        self.tokens.user.id
    }
}

async fn register(server: &str, username: &str, shown: &str, password: &str) -> Result<Person> {
    let body = json!({
        "username": username, "password": password, "display_name": shown, "device_name": "demo",
    });
    let answer = anonymous(server, Method::POST, "/auth/register", Some(&body)).await;
    Ok(Person::with_tokens(
        server,
        serde_json::from_value::<TokenResponse>(done(answer)?).context("the tokens")?,
    ))
}

/// The body of a success; the demo tells of a refusal instead of panicking.
fn done(answer: crate::rest::Answer) -> Result<serde_json::Value> {
    if !(200..300).contains(&answer.status) {
        bail!("{}: {} {}", answer.what, answer.status, answer.body);
    }
    Ok(answer.body)
}

async fn create(by: &Person, room: serde_json::Value) -> Result<RoomId> {
    let answer = done(by.post("/chat/rooms", &room).await)?;
    Ok(serde_json::from_value::<MyRoom>(answer)
        .context("the new room")?
        .room
        .id)
}

async fn fill(room: RoomId, people: &[Person], count: usize, mut random: StdRng) -> Result<()> {
    let mut written = Vec::<Message>::new();
    while written.len() < count {
        let before = written.len();
        for said in talk::scene(&mut random, people.len()) {
            let reply_to = said
                .answers
                .and_then(|back| written.get(written.len().checked_sub(back)?))
                .map(|message| message.message_id);
            let body = json!({
                "content": said.text, "message_type": "text",
                "client_id": ids::client_id(), "reply_to": reply_to,
            });
            let person = &people[said.who];
            let path = format!("/chat/rooms/{room}/messages");
            let message: Message = serde_json::from_value(done(person.post(&path, &body).await)?)?;
            let path = format!("/chat/messages/{}", message.message_id);
            if let Some(corrected) = &said.corrected {
                done(person.put(&path, &json!({ "content": corrected })).await)?;
            }
            if said.taken_back {
                done(person.delete(&path).await)?;
            }
            written.push(message);
        }
        debug_assert!(written.len() > before, "a scene has lines");
    }
    Ok(())
}

/// Everything is read but for the newest in some rooms.
async fn leave_some_unread(you: &Person, seed: u64) -> Result<()> {
    let mut random = StdRng::seed_from_u64(seed);
    for (at, mine) in you.rooms().await.into_iter().enumerate() {
        let leave = if at % 2 == 0 {
            random.random_range(1..12)
        } else {
            0
        };
        let seq = mine.room.last_seq.0 - leave;
        if seq > 0 {
            let path = format!("/chat/rooms/{}/read", mine.room.id);
            done(you.post(&path, &json!({ "seq": seq })).await)?;
        }
    }
    Ok(())
}

/// Bo, who answers whoever writes in `general` or to him alone; for as long as it runs.
pub async fn friend(server: &str, password: &str) -> Result<()> {
    let mut random = StdRng::seed_from_u64(ids::seed());
    loop {
        let bo = sign_in(server, "bo", password).await?;
        let answers_in: Vec<RoomId> = bo
            .rooms()
            .await
            .iter()
            .filter(|mine| {
                mine.room.name == "general" || mine.room.kind == erc_protocol::RoomKind::Direct
            })
            .map(|mine| mine.room.id)
            .collect();
        let mut wire = Wire::brief(&bo).await;
        for room_id in &answers_in {
            wire.say(ClientFrame::JoinRoom(RoomRef { room_id: *room_id }))
                .await;
        }
        while let Some(packet) = wire.next().await {
            let ServerFrame::NewMessage(message) = packet.frame else {
                continue;
            };
            if message.sender_id == bo.id() || !answers_in.contains(&message.chat_room_id) {
                continue;
            }
            let room_id = message.chat_room_id;
            wire.say(ClientFrame::Typing(SetTyping {
                room_id,
                is_typing: true,
            }))
            .await;
            // Nobody answers at once.
            tokio::time::sleep(Duration::from_millis(random.random_range(700..1800))).await;
            let mut frame = send_frame(room_id, talk::answer(&mut random, &message.content));
            frame.reply_to = Some(message.message_id);
            wire.say(ClientFrame::SendMessage(frame)).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn sign_in(server: &str, username: &str, password: &str) -> Result<Person> {
    let body = json!({ "username": username, "password": password, "device_name": "demo" });
    let answer = anonymous(server, Method::POST, "/auth/login", Some(&body)).await;
    Ok(Person::with_tokens(
        server,
        serde_json::from_value(done(answer)?)?,
    ))
}
