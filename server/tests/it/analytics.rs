//! Figures over HTTP: who may see them, in which form.

use erc_protocol::{RoomId, ServerRole, limit};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::harness::{Person, Server, code};

async fn figures(person: &Person, path: &str) -> Value {
    let (status, figures) = person.get(path).await;
    assert_eq!(status, StatusCode::OK, "{figures}");
    figures
}

async fn text(person: &Person, server: &Server, path: &str, accept: &str) -> (String, String) {
    let answer = reqwest::Client::new()
        .get(format!("{}{path}", server.url))
        .bearer_auth(&person.tokens.access_token)
        .header("accept", accept)
        .send()
        .await
        .unwrap();
    let kind = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    (kind, answer.text().await.unwrap())
}

#[tokio::test]
async fn those_who_look_after_a_room_see_its_figures_and_nobody_else() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let ben = server.user("ben").await;
    let cleo = server.user("cleo").await;
    let admin = server.user_with("root", ServerRole::Admin).await;
    let room = ada.room("den", &[&ben]).await;
    for text in ["one", "two"] {
        ada.send(room, text).await;
        ben.send(room, text).await;
    }
    server.app.count().await.unwrap();
    let path = format!("/chat/rooms/{room}/analytics");
    let told = figures(&ada, &path).await;
    assert_eq!(told["totals"]["messages"], 4);
    assert_eq!(told["next_speaker"]["answers"], 3);
    assert_eq!(told["by_day"].as_array().unwrap().len(), 30);
    assert_eq!(told["by_user"][0]["username"], "ada");
    let (status, refused) = ben.get(&path).await;
    assert_eq!(
        (status, code(&refused)),
        (StatusCode::FORBIDDEN, "forbidden")
    );
    // Who isn't in the room, not even an admin of the server, sees nothing of it.
    for person in [&cleo, &admin] {
        let (_, refused) = person.get(&path).await;
        assert_eq!(code(&refused), "forbidden");
    }
    let secret = ada
        .room_with(json!({ "name": "secret", "is_private": true, "member_ids": [ben.id] }))
        .await;
    let (status, _) = cleo.get(&format!("/chat/rooms/{secret}/analytics")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (_, refused) = ada.get("/chat/analytics").await;
    assert_eq!(code(&refused), "forbidden");
    let told = figures(&admin, "/chat/analytics?days=7").await;
    assert_eq!(told["totals"]["messages"], 4);
    assert_eq!(told["totals"]["members"], 4);
    assert_eq!(told["active"]["monthly"], 2);
}

#[tokio::test]
async fn a_moderator_who_came_later_learns_nothing_of_what_was_before() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let ben = server.user("ben").await;
    let room = ada
        .room_with(json!({ "name": "den", "history": "joined" }))
        .await;
    for n in 0..5 {
        ada.send(room, &format!("before {n}")).await;
    }
    let (status, _) = ada
        .post(
            &format!("/chat/rooms/{room}/members/{}", ben.id),
            json!({ "role": "moderator" }),
        )
        .await;
    assert!(status.is_success());
    ada.send(room, "in the same quarter of an hour").await;
    let path = format!("/chat/rooms/{room}/analytics");
    server.app.count().await.unwrap();
    assert_eq!(figures(&ben, &path).await["totals"]["messages"], 0);
    server.pass(std::time::Duration::from_mins(15));
    let (ada, ben) = (server.sign_in("ada").await, server.sign_in("ben").await);
    ada.send(room, "later").await;
    server.app.count().await.unwrap();
    assert_eq!(figures(&ben, &path).await["totals"]["messages"], 1);
    assert_eq!(figures(&ada, &path).await["totals"]["messages"], 7);
}

#[tokio::test]
async fn figures_come_as_csv_that_no_spreadsheet_runs() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let name = json!({ "display_name": "=HYPERLINK(\"http://evil\",1)" });
    ada.ask(reqwest::Method::PUT, "/users/me", Some(name)).await;
    let room = ada.room("den", &[]).await;
    ada.send(room, "hello").await;
    server.app.count().await.unwrap();
    let path = format!("/chat/rooms/{room}/analytics");
    for (path, accept) in [
        (format!("{path}?format=csv"), "*/*"),
        (path.clone(), "text/csv"),
    ] {
        let (kind, csv) = text(&ada, &server, &path, accept).await;
        assert_eq!(kind, "text/csv; charset=utf-8");
        assert!(csv.starts_with("table,key,name,messages,"), "{csv}");
        assert!(
            csv.contains("user,ada,\"'=HYPERLINK(\"\"http://evil\"\",1)\",1,"),
            "{csv}"
        );
        assert_eq!(
            csv.lines().filter(|line| line.starts_with("day,")).count(),
            30
        );
        let columns = csv.lines().next().unwrap().split(',').count();
        let day = csv.lines().find(|line| line.starts_with("day,")).unwrap();
        assert_eq!(day.split(',').count(), columns);
    }
    let (kind, _) = text(&ada, &server, &format!("{path}?format=json"), "text/csv").await;
    assert_eq!(kind, "application/json", "the query goes before the header");
}

#[tokio::test]
async fn days_have_an_end_and_zones_a_name() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let path = format!("/chat/rooms/{room}/analytics");
    for (days, fits) in [
        (0, false),
        (1, true),
        (limit::ANALYTICS_DAYS, true),
        (limit::ANALYTICS_DAYS + 1, false),
    ] {
        let (status, told) = ada.get(&format!("{path}?days={days}")).await;
        assert_eq!(status.is_success(), fits, "{days}: {told}");
        if fits {
            assert_eq!(told["by_day"].as_array().unwrap().len(), days as usize);
        }
    }
    let (_, refused) = ada.get(&format!("{path}?time_zone=Nowhere/Town")).await;
    assert_eq!(code(&refused), "validation_failed");
    let told = figures(&ada, &format!("{path}?time_zone=Asia/Kathmandu")).await;
    assert_eq!(told["time_zone"], "Asia/Kathmandu");
    let (status, _) = ada.get(&format!("{path}?format=xml")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn who_wrote_most_is_named_and_the_rest_is_counted() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let mut tx = server.app.db.begin().await.unwrap();
    let crowd = limit::ANALYTICS_USERS + 1;
    let slot = server
        .app
        .clock
        .now()
        .0
        .div_euclid(erc_server::analytics::SLOT_MS);
    for n in 0..crowd {
        let user = erc_server::store::NewUser {
            username: format!("u{n}"),
            display_name: format!("U {n}"),
            role: ServerRole::Member,
            password_hash: None,
        };
        let user = tx
            .insert_user(&user, server.app.clock.now())
            .await
            .unwrap()
            .id;
        let key = erc_server::store::CountKey {
            slot,
            user,
            kind: "text".into(),
        };
        let counts = erc_server::store::Counts {
            messages: 1,
            ..Default::default()
        };
        tx.add_counts(room, &[(key, counts)]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let told = figures(&ada, &format!("/chat/rooms/{room}/analytics")).await;
    assert_eq!(
        told["by_user"].as_array().unwrap().len(),
        limit::ANALYTICS_USERS
    );
    assert_eq!(told["totals"]["writers"], crowd);
}

#[tokio::test]
async fn the_figures_of_a_deleted_room_go_with_it() {
    let server = Server::start().await;
    let admin = server.user_with("root", ServerRole::Admin).await;
    let room = admin.room("den", &[]).await;
    admin.send(room, "hello").await;
    server.app.count().await.unwrap();
    assert_eq!(
        figures(&admin, "/chat/analytics").await["totals"]["messages"],
        1
    );
    admin
        .ask(
            reqwest::Method::DELETE,
            &format!("/chat/rooms/{room}"),
            None,
        )
        .await;
    assert_eq!(
        figures(&admin, "/chat/analytics").await["totals"]["messages"],
        0
    );
    server.app.count().await.unwrap();
    let mut tx = server.app.db.snapshot().await.unwrap();
    let mut left = 0;
    tx.each_count(Some(room), i64::MIN..i64::MAX, |_, _| left += 1)
        .await
        .unwrap();
    assert_eq!(left, 0);
    assert_eq!(tx.rooms_to_count(RoomId(0), 10).await.unwrap(), []);
}
