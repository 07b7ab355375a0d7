//! Cut links, slow links, programs that were closed: nothing lost, nothing doubled, one order.

use std::time::Duration;

use erc_client_core::view::Written;
use erc_protocol::RoomId;
use erc_tests::{
    client::Client, network::Link, rest::Person, server::TestServer, wait::eventually,
};

/// A server with Ada and Bo in one room.
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

/// Waits until these clients show all of the room's messages, then holds them against each other,
/// against a fresh sign-in and against the server's own history and unread counts.
pub(crate) async fn agree(server: &TestServer, room: RoomId, clients: &[(&str, &Client)]) {
    for (name, client) in clients {
        client.live().await;
        eventually(&format!("{name} has sent everything"), async || {
            (client.unsent(room) == 0).then_some(())
        })
        .await;
    }
    let witness = Person::sign_in(&server.url(), clients[0].0).await;
    let history = witness.history(room).await;
    for (place, message) in (1..).zip(&history) {
        assert_eq!(message.seq.0, place, "the server's places have no holes");
    }
    let fresh = Client::sign_in(&server.url(), clients[0].0).await;
    fresh.live().await;
    let truth = fresh.whole_room(room).await;
    assert_eq!(
        truth.len(),
        history.len(),
        "a fresh sign-in sees everything"
    );
    for (line, message) in truth.iter().zip(&history) {
        assert_eq!(line.message_id, message.message_id.0);
        assert_eq!(line.deleted, message.is_deleted());
        if !line.deleted {
            assert_eq!(line.text, message.content);
        }
    }
    for (name, client) in clients {
        // What others changed last may still be on its way.
        eventually(&format!("{name} agrees with a fresh sign-in"), async || {
            let settled = client.unsent(room) == 0 && client.whole_room(room).await == truth;
            settled.then_some(())
        })
        .await;
        let person = Person::sign_in(&server.url(), name).await;
        eventually(
            &format!("{name}'s unread count is the server's"),
            async || {
                let rooms = person.rooms().await;
                let mine = rooms.iter().find(|mine| mine.room.id == room)?;
                (client.unread(room) == mine.unread.count).then_some(())
            },
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_write_while_one_link_is_cut_and_agree_when_it_is_back() {
    let (server, _, _, room) = a_room_of_two().await;
    let link = Link::to(server.port()).await;
    let ada = Client::sign_in(&link.url(), "ada").await;
    let bo = Client::sign_in(&server.url(), "bo").await;
    ada.live().await;
    bo.live().await;
    ada.account
        .send(room, "before the cut", None)
        .await
        .unwrap();
    eventually("Bo reads it", async || {
        bo.texts(room)
            .contains(&"before the cut".to_owned())
            .then_some(())
    })
    .await;
    link.cut();
    ada.offline().await;
    for number in 0..20 {
        ada.account
            .send(room, &format!("ada {number}"), None)
            .await
            .unwrap();
        bo.account
            .send(room, &format!("bo {number}"), None)
            .await
            .unwrap();
    }
    assert_eq!(ada.unsent(room), 20, "they wait, and are shown");
    link.mend();
    ada.account.reconnect_now();
    agree(&server, room, &[("ada", &ada), ("bo", &bo)]).await;
    let texts = ada.texts(room);
    assert_eq!(texts.len(), 41);
    for name in ["ada", "bo"] {
        let own: Vec<_> = texts.iter().filter(|text| text.starts_with(name)).collect();
        let expected: Vec<_> = (0..20).map(|number| format!("{name} {number}")).collect();
        assert_eq!(
            own,
            expected.iter().collect::<Vec<_>>(),
            "in the order written"
        );
    }
    // Bo wrote twenty that Ada has not marked as read, and the other way round.
    assert_eq!(ada.unread(room), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_cut_again_and_again_in_a_burst_loses_and_doubles_nothing() {
    let (server, _, _, room) = a_room_of_two().await;
    let link = Link::to(server.port()).await;
    let ada = Client::sign_in(&link.url(), "ada").await;
    let bo = Client::sign_in(&server.url(), "bo").await;
    ada.live().await;
    bo.live().await;
    let count = 120;
    let writing = async {
        for number in 0..count {
            ada.account
                .send(room, &format!("burst {number}"), None)
                .await
                .unwrap();
        }
    };
    let cutting = async {
        for round in 1..=5 {
            // Each cut comes while the burst is under way: after some more have arrived.
            eventually("some more arrive", async || {
                (bo.texts(room).len() >= round * 10).then_some(())
            })
            .await;
            link.cut();
            ada.offline().await;
            link.mend();
            ada.account.reconnect_now();
        }
    };
    tokio::join!(writing, cutting);
    agree(&server, room, &[("ada", &ada), ("bo", &bo)]).await;
    let expected: Vec<_> = (0..count).map(|number| format!("burst {number}")).collect();
    assert_eq!(bo.texts(room), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_slow_and_late_link_everything_arrives_once() {
    let (server, _, _, room) = a_room_of_two().await;
    let link = Link::to(server.port()).await;
    let ada = Client::sign_in(&link.url(), "ada").await;
    let bo = Client::sign_in(&server.url(), "bo").await;
    ada.live().await;
    bo.live().await;
    link.set(|weather| {
        weather.delay = Duration::from_millis(40);
        weather.rate = 20_000;
    });
    for number in 0..15 {
        ada.account
            .send(room, &format!("ada {number}"), None)
            .await
            .unwrap();
        bo.account
            .send(room, &format!("bo {number}"), None)
            .await
            .unwrap();
    }
    agree(&server, room, &[("ada", &ada), ("bo", &bo)]).await;
    assert_eq!(ada.texts(room).len(), 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_never_come_back_double_nothing() {
    let (server, bystander, _, room) = a_room_of_two().await;
    let link = Link::to(server.port()).await;
    let ada = Client::sign_in(&link.url(), "ada").await;
    ada.live().await;
    // What Ada sends arrives; what the server answers does not.
    link.set(|weather| weather.stall_down = true);
    for number in 0..5 {
        ada.account
            .send(room, &format!("half {number}"), None)
            .await
            .unwrap();
    }
    eventually("the first one arrives at the server", async || {
        (!bystander.history(room).await.is_empty()).then_some(())
    })
    .await;
    assert!(ada.unsent(room) > 0, "nothing was acknowledged yet");
    link.cut();
    ada.offline().await;
    link.mend();
    ada.account.reconnect_now();
    agree(&server, room, &[("ada", &ada)]).await;
    let expected: Vec<_> = (0..5).map(|number| format!("half {number}")).collect();
    assert_eq!(ada.texts(room), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_without_a_server_is_sent_after_a_restart_of_the_client() {
    let (mut server, _, _, room) = a_room_of_two().await;
    let folder = tempfile::tempdir().unwrap();
    let ada = Client::sign_in_at(folder.path(), &server.url(), "ada").await;
    ada.live().await;
    ada.account.send(room, "online", None).await.unwrap();
    eventually("it is sent", async || (ada.unsent(room) == 0).then_some(())).await;
    server.kill();
    ada.offline().await;
    let written = ada.account.send(room, "offlin", None).await.unwrap();
    ada.account.edit(room, written, "offline").await.unwrap();
    let unwanted = ada
        .account
        .send(room, "on second thoughts", None)
        .await
        .unwrap();
    let me = ada.account.me().id;
    ada.account.delete(room, me, unwanted).await.unwrap();
    let written = Written::new("half a sen");
    ada.account.save_draft(room, None, written).await.unwrap();
    ada.account.close().await;
    drop(ada);
    let ada = Client::reopen(folder.path());
    assert_eq!(
        ada.texts(room),
        ["online", "offline"],
        "read from the disk alone"
    );
    assert_eq!(ada.account.draft(room, None).unwrap().text, "half a sen");
    assert!(!ada.account.search("online", None, 10).unwrap().is_empty());
    server.restart();
    ada.account.reconnect_now();
    agree(&server, room, &[("ada", &ada)]).await;
    assert_eq!(ada.texts(room), ["online", "offline"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_absence_leaves_a_hole_that_is_shown_and_filled() {
    let (server, writer, _, room) = a_room_of_two().await;
    let link = Link::to(server.port()).await;
    let bo = Client::sign_in(&link.url(), "bo").await;
    bo.live().await;
    let first = writer.send(room, "first").await;
    eventually("Bo reads it", async || {
        (!bo.texts(room).is_empty()).then_some(())
    })
    .await;
    link.cut();
    bo.offline().await;
    let mut wire = erc_tests::socket::Wire::brief(&writer).await;
    for number in 0..600 {
        wire.send(room, &format!("missed {number}")).await;
    }
    let edit = serde_json::json!({ "content": "first, corrected" });
    writer
        .put(&format!("/chat/messages/{}", first.message_id), &edit)
        .await
        .ok();
    link.mend();
    bo.account.reconnect_now();
    bo.live().await;
    eventually("the newest and the correction are there", async || {
        let texts = bo.texts(room);
        let both = texts.first().is_some_and(|text| text == "first, corrected")
            && texts.last().is_some_and(|text| text == "missed 599");
        both.then_some(())
    })
    .await;
    assert_eq!(bo.unread(room), 601, "counted without being held");
    agree(&server, room, &[("bo", &bo)]).await;
    assert_eq!(bo.texts(room).len(), 601);
}
