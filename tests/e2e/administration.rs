//! An operator looks after rooms, accounts and invites in the shell, beside the running server, and
//! clients that are connected to it notice.

use erc_client_core::view::Connection;
use erc_protocol::{ErrorCode, RoomId, RoomRole, auth::LoginRequest};
use erc_tests::{
    client::Client,
    picture,
    rest::{Person, anonymous},
    server::{PASSWORD, TestServer},
    wait::eventually,
};
use reqwest::Method;
use serde_json::{Value, json};

fn run(server: &TestServer, line: &str) -> (Option<i32>, String) {
    let arguments: Vec<_> = line.split(' ').collect();
    let output = tokio::task::block_in_place(|| server.run(&arguments, PASSWORD));
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&both).into_owned(),
    )
}

fn well(server: &TestServer, line: &str) -> Value {
    let line = format!("{line} --json");
    let arguments: Vec<_> = line.split(' ').collect();
    let output = tokio::task::block_in_place(|| server.run(&arguments, PASSWORD));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {told}");
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// What a command says that ends with this.
fn badly(server: &TestServer, line: &str, with: i32) -> String {
    let (code, told) = run(server, line);
    assert_eq!(code, Some(with), "{line}: {told}");
    assert!(!told.contains("panicked"), "{told}");
    told
}

fn role(client: &Client, room: RoomId) -> Option<RoomRole> {
    client.account.room(room).ok().map(|room| room.role)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_are_looked_after_in_the_shell_and_clients_notice() {
    let server = TestServer::start();
    server.add_user("ada");
    server.add_user("bo");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let room = ada.create_room("general").await;
    ada.send(room, "one").await;
    let bo = Client::sign_in(&server.url(), "bo").await;
    bo.live().await;

    let added = well(&server, "room add general bo --role moderator");
    assert_eq!(added["role"], "moderator");
    assert_eq!(bo.room("general").await, room);
    eventually("bo reads what was said", async || {
        (bo.texts(room) == ["one"]).then_some(())
    })
    .await;
    well(&server, "room role general bo admin");
    eventually("bo is an admin", async || {
        (role(&bo, room) == Some(RoomRole::Admin)).then_some(())
    })
    .await;
    let members = well(&server, "room members general");
    assert_eq!(members.as_array().unwrap().len(), 2);
    assert!(run(&server, "room members general").1.contains("bo"));

    well(&server, "room archive general");
    eventually("bo sees it archived", async || {
        let seen = bo.account.room(room).ok()?;
        seen.archived_at.is_some().then_some(())
    })
    .await;
    let path = format!("/chat/rooms/{room}/messages");
    let refused = ada.post(&path, &json!({ "content": "two" })).await;
    refused.refused(ErrorCode::Forbidden);
    well(&server, "room archive general --undo");
    ada.send(room, "two").await;
    let shown = well(&server, &format!("room show {room}"));
    assert_eq!(
        (&shown["name"], &shown["last_seq"]),
        (&json!("general"), &json!(2))
    );

    well(&server, "room remove general bo");
    eventually("bo is out", async || {
        let rooms = bo.account.rooms().unwrap();
        (!rooms.iter().any(|other| other.id == room)).then_some(())
    })
    .await;
    let told = badly(&server, "room remove general bo", 1);
    assert!(told.contains("no such member"), "{told}");
    let told = badly(&server, "room delete general", 1);
    assert!(
        told.contains("2 messages") && told.contains("--yes"),
        "{told}"
    );
    well(&server, "room delete general --yes");
    assert_eq!(well(&server, "room list"), json!([]));
    assert!(ada.rooms().await.is_empty());
    badly(&server, "room show general", 1);
    badly(&server, "room paint general", 2);
    badly(&server, "room add general bo --role emperor", 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_are_looked_after_in_the_shell_and_clients_notice() {
    let server = TestServer::start();
    server.add_user("ada");
    let made = well(&server, "user create bo --generate");
    let password = made["password"].as_str().unwrap();
    let sign_in = async |password: &str| {
        let request = LoginRequest {
            username: "bo".into(),
            password: password.into(),
            device_name: None,
        };
        let body = serde_json::to_value(request).unwrap();
        anonymous(&server.url(), Method::POST, "/auth/login", Some(&body)).await
    };
    sign_in(password).await.ok();
    well(&server, "user password bo --password-stdin");
    assert_eq!(sign_in(password).await.status, 401);

    let bo = Client::sign_in(&server.url(), "bo").await;
    bo.live().await;
    let sessions = well(&server, "user sessions bo");
    assert_eq!(sessions.as_array().unwrap().len(), 1, "{sessions:#}");
    well(&server, "user disable bo");
    let connection = bo.account.connection();
    eventually("bo is signed out", async || {
        matches!(*connection.borrow(), Connection::SignedOut { .. }).then_some(())
    })
    .await;
    sign_in(PASSWORD).await.refused(ErrorCode::Forbidden);
    assert_eq!(
        sign_in("wrong password").await.status,
        401,
        "nobody else learns it"
    );
    let all = well(&server, "user list");
    let names: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["username"])
        .collect();
    assert_eq!(names, ["ada", "bo"]);
    assert!(all[1]["disabled_at"].is_i64() && all[0]["disabled_at"].is_null());
    assert!(run(&server, "user list").1.contains("disabled"));
    well(&server, "user enable bo");
    sign_in(PASSWORD).await.ok();

    assert_eq!(well(&server, "user sessions bo --end")["ended"], 1);
    assert_eq!(well(&server, "user role bo admin")["role"], "admin");
    let boss = Person::sign_in(&server.url(), "bo").await;
    boss.post("/auth/invites", &json!({})).await.ok();
    let told = badly(&server, "user disable nobody", 1);
    assert!(told.contains("no such user"), "{told}");
    badly(&server, "user password bo", 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invites_are_made_listed_and_revoked_in_the_shell() {
    let server = TestServer::start_with(&[("ERC_REGISTRATION", "invite")]);
    let (_, code) = run(&server, "invite --uses 2");
    let revoked = well(&server, "invite create --uses 5");
    let listed = well(&server, "invite list");
    let uses: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["uses_left"])
        .collect();
    assert_eq!(uses.len(), 2, "{listed:#}");
    let name = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["uses_left"] == 5)
        .unwrap()["name"]
        .as_str()
        .unwrap();
    well(&server, &format!("invite revoke {name}"));
    badly(&server, &format!("invite revoke {name}"), 1);
    let sign_up = async |name: &str, code: &str| {
        let body = json!({ "username": name, "password": PASSWORD, "invite": code });
        anonymous(&server.url(), Method::POST, "/auth/register", Some(&body)).await
    };
    let refused = sign_up("eve", revoked["code"].as_str().unwrap()).await;
    refused.refused(ErrorCode::InvalidInvite);
    sign_up("ada", code.lines().next().unwrap()).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_has_a_page_of_the_manual() {
    let server = TestServer::start();
    let (code, page) = run(&server, "man");
    assert_eq!(code, Some(0));
    assert!(page.contains(".TH erc-server 1"), "{page}");
    let (code, page) = run(&server, "man room add");
    assert_eq!(code, Some(0));
    assert!(
        page.contains("erc-server-room-add") && page.contains("moderator"),
        "{page}"
    );
    badly(&server, "man room paint", 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doors_are_closed_in_the_shell_and_the_log_is_read_there() {
    let server = TestServer::start();
    server.add_user("ada");
    server.add_user("mo");
    well(&server, "user role mo moderator");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let room = ada.create_room("general").await;
    let link = ada.make_link(room).await;
    let mo = Client::sign_in(&server.url(), "mo").await;
    mo.live().await;
    let open = json!({});
    assert_eq!(well(&server, "raid show"), open);
    let closed = well(&server, "raid on --hours 3");
    assert!(closed["until"].is_string(), "{closed}");
    assert_eq!(well(&server, "raid show"), closed);
    eventually("a moderator sees it", async || {
        mo.account.raid_until().unwrap()
    })
    .await;
    server.add_user("bo");
    let bo = Person::sign_in(&server.url(), "bo").await;
    let with = json!({ "code": link });
    let late = bo.post("/chat/links/join", &with).await;
    late.refused(ErrorCode::RegistrationClosed);
    assert!(run(&server, "raid show").1.contains("closed until"));
    assert_eq!(well(&server, "raid off"), open);
    eventually("a moderator sees it open", async || {
        mo.account.raid_until().unwrap().is_none().then_some(())
    })
    .await;
    bo.post("/chat/links/join", &with).await.ok();
    badly(&server, "raid on --hours 999", 1);

    let log = well(&server, "audit --action raid");
    let actions: Vec<_> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["raid.stop", "raid.start"]);
    let (code, table) = run(&server, "audit --to mo");
    assert_eq!(code, Some(0), "{table}");
    assert!(
        table.contains("the shell") && table.contains("user.role"),
        "{table}"
    );
    badly(&server, "audit --by nobody", 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn emoji_are_added_and_taken_away_in_the_shell_and_clients_notice() {
    let server = TestServer::start();
    server.add_user("ada");
    let ada = Client::sign_in(&server.url(), "ada").await;
    ada.live().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("disc.png");
    std::fs::write(&file, picture::disc(32, [0, 120, 220])).unwrap();
    let added = well(&server, &format!("emoji add blue_disc {}", file.display()));
    assert_eq!(
        (&added["name"], &added["width"]),
        (&json!("blue_disc"), &json!(32))
    );
    let shown = async |count: usize| {
        eventually(&format!("{count} emoji"), async || {
            let list = ada.account.emoji().unwrap();
            (list.emoji.len() == count).then_some(list)
        })
        .await
    };
    let list = shown(1).await;
    assert!(!list.can_manage && list.emoji[0].by.is_none());
    let picture = ada.account.emoji_picture(list.emoji[0].id).await.unwrap();
    assert_eq!(picture.bytes, std::fs::read(&file).unwrap());
    let (code, table) = run(&server, "emoji list");
    assert_eq!(code, Some(0));
    assert!(
        table.contains("blue_disc") && table.contains("32×32"),
        "{table}"
    );
    badly(&server, &format!("emoji add tada {}", file.display()), 1);
    badly(&server, "emoji add other /nowhere.png", 1);
    badly(&server, "emoji rm other", 1);
    well(&server, "emoji rm blue_disc");
    shown(0).await;
    assert!(ada.account.emoji_picture(list.emoji[0].id).await.is_err());
}
