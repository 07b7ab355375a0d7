//! A client's folder that was copied: from a backup, with a virtual machine, to a second computer.

use std::path::Path;

use erc_tests::{client::Client, rest::Person, server::TestServer, wait::eventually};

use crate::offline::agree;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cloned_client_doubles_nothing_and_agrees_with_its_original() {
    let mut server = TestServer::start();
    server.add_user("ada");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let room = ada.create_room("general").await;
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let client = Client::sign_in_at(home.path(), &server.url(), "ada").await;
    client.live().await;
    client.room("general").await;
    client.account.send(room, "before", None).await.unwrap();
    eventually("it is sent", async || {
        (client.unsent(room) == 0).then_some(())
    })
    .await;
    server.kill();
    client.offline().await;
    for text in ["one", "two", "three"] {
        client.account.send(room, text, None).await.unwrap();
    }
    client.account.close().await;
    copy(home.path(), elsewhere.path());
    server.restart();

    let original = Client::reopen(home.path());
    agree(&server, room, &[("ada", &original)]).await;
    // The copy knows nothing of what its original has sent meanwhile, and sends it again.
    let copied = Client::reopen(elsewhere.path());
    agree(&server, room, &[("ada", &copied)]).await;
    assert_eq!(
        copied.texts(room),
        ["before", "one", "two", "three"],
        "each once"
    );
    copied
        .account
        .send(room, "from the copy", None)
        .await
        .unwrap();
    agree(&server, room, &[("ada", &copied)]).await;
    copied.account.close().await;
    original.account.reconnect_now();
    agree(&server, room, &[("ada", &original)]).await;
    assert_eq!(original.texts(room).len(), 5);
}
