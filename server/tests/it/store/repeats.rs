//! The same `client_id` twice: the first result or a refusal, never a second effect.

use erc_protocol::api::messages::SendMessageRequest;
use erc_protocol::api::rooms::CreateRoomRequest;
use erc_protocol::{ErrorCode, History, RoomKind};
use erc_server::clock::new_client_id;
use erc_server::ops::rooms;
use futures_util::future::join_all;

use super::world::{World, code, edit, named};

conformance! { with_people =>
    a_message_sent_many_times_at_once_is_one_message,
    a_message_sent_again_later_is_what_it_has_become,
    a_name_used_for_something_else_is_refused,
    a_sender_who_was_refused_may_try_again_under_the_same_name,
    an_edit_repeated_after_another_changes_nothing,
    an_edit_that_changed_nothing_changes_nothing_later,
    the_name_of_an_edit_is_not_used_for_another_text,
    an_edit_repeated_after_the_deletion_is_told_so,
    a_room_made_twice_is_one_room,
    a_room_that_was_deleted_is_not_made_again_by_a_repetition,
}

async fn a_message_sent_many_times_at_once_is_one_message(world: &mut World) {
    let room = world.room(false, History::Shared, &[]).await;
    let request = named("once", new_client_id());
    let sends = (0..50).map(|_| world.send(0, room, request.clone()));
    let results = join_all(sends).await;
    let first = results[0].as_ref().unwrap();
    for result in &results {
        assert_eq!(result.as_ref().unwrap(), first);
    }
    assert_eq!(world.rows(room).await.len(), 1);
}

async fn a_message_sent_again_later_is_what_it_has_become(world: &mut World) {
    let room = world.room(false, History::Shared, &[]).await;
    let request = named("first text", new_client_id());
    let first = world.send(0, room, request.clone()).await.unwrap();
    assert_eq!(world.send(0, room, request.clone()).await.unwrap(), first);

    let id = first.message_id;
    let edited = world
        .edit(0, id, edit("second text", new_client_id()))
        .await
        .unwrap();
    assert_eq!(world.send(0, room, request.clone()).await.unwrap(), edited);

    let deleted = world.delete(0, id).await.unwrap();
    assert_eq!(world.send(0, room, request).await.unwrap(), deleted);
    assert_eq!(
        world.delete(0, id).await.unwrap(),
        deleted,
        "deleting again, too"
    );
    assert_eq!(world.rows(room).await.len(), 1);
}

async fn a_name_used_for_something_else_is_refused(world: &mut World) {
    let room = world.room(false, History::Shared, &[1]).await;
    let other_room = world.room(false, History::Shared, &[1]).await;
    let parent = world.say(0, room, "parent").await.message_id;
    let request = named("text", new_client_id());
    world.send(0, room, request.clone()).await.unwrap();
    let other_text = SendMessageRequest {
        content: "other".into(),
        ..request.clone()
    };
    let answer = SendMessageRequest {
        reply_to: Some(parent),
        ..request.clone()
    };
    for (room, reused) in [
        (room, other_text),
        (room, answer),
        (other_room, request.clone()),
    ] {
        assert_eq!(
            code(world.send(0, room, reused).await),
            ErrorCode::ClientIdReused
        );
    }
    world.send(1, room, request).await.unwrap();
    assert_eq!(
        world.rows(room).await.len(),
        3,
        "another's names are another's"
    );
    assert!(world.rows(other_room).await.is_empty());
}

async fn a_sender_who_was_refused_may_try_again_under_the_same_name(world: &mut World) {
    let room = world.room(false, History::Shared, &[]).await;
    let request = named("text", new_client_id());
    assert_eq!(
        code(world.send(1, room, request.clone()).await),
        ErrorCode::NotFound
    );
    world.join(1, room).await;
    world.send(1, room, request).await.unwrap();
    assert_eq!(world.rows(room).await.len(), 1);
}

async fn an_edit_repeated_after_another_changes_nothing(world: &mut World) {
    let room = world.room(false, History::Shared, &[]).await;
    let id = world.say(0, room, "zero").await.message_id;
    let [first, second] = ["one", "two"].map(|text| edit(text, new_client_id()));
    world.edit(0, id, first.clone()).await.unwrap();
    let current = world.edit(0, id, second).await.unwrap();
    assert_eq!(world.edit(0, id, first).await.unwrap(), current);
    assert_eq!(current.content, "two");
}

async fn an_edit_that_changed_nothing_changes_nothing_later(world: &mut World) {
    let room = world.room(false, History::Shared, &[]).await;
    let sent = world.say(0, room, "same").await;
    let id = sent.message_id;
    let idle = edit("same", new_client_id());
    assert_eq!(world.edit(0, id, idle.clone()).await.unwrap(), sent);
    let current = world
        .edit(0, id, edit("new", new_client_id()))
        .await
        .unwrap();
    assert_eq!(world.edit(0, id, idle).await.unwrap(), current);
}

async fn the_name_of_an_edit_is_not_used_for_another_text(world: &mut World) {
    let room = world.room(false, History::Shared, &[]).await;
    let id = world.say(0, room, "zero").await.message_id;
    let name = new_client_id();
    let current = world.edit(0, id, edit("one", name)).await.unwrap();
    let reused = world.edit(0, id, edit("two", name)).await;
    assert_eq!(code(reused), ErrorCode::ClientIdReused);
    assert_eq!(world.edit(0, id, edit("one", name)).await.unwrap(), current);
}

async fn an_edit_repeated_after_the_deletion_is_told_so(world: &mut World) {
    let room = world.room(false, History::Shared, &[]).await;
    let id = world.say(0, room, "zero").await.message_id;
    let request = edit("one", new_client_id());
    world.edit(0, id, request.clone()).await.unwrap();
    world.delete(0, id).await.unwrap();
    assert_eq!(
        code(world.edit(0, id, request).await),
        ErrorCode::MessageDeleted
    );
}

fn room() -> CreateRoomRequest {
    CreateRoomRequest {
        name: "room".into(),
        topic: String::new(),
        kind: RoomKind::Group,
        is_private: false,
        history: None,
        member_ids: Vec::new(),
        client_id: Some(new_client_id()),
    }
}

async fn a_room_made_twice_is_one_room(world: &mut World) {
    let (app, ada) = (&world.app, world.people[0]);
    let request = room();
    let make = async || {
        rooms::create(app, ada, request.clone())
            .await
            .unwrap()
            .await
            .unwrap()
    };
    let first = make().await;
    assert_eq!(make().await, first);
    assert_eq!(rooms::list(app, ada).await.unwrap().rooms, [first]);
}

async fn a_room_that_was_deleted_is_not_made_again_by_a_repetition(world: &mut World) {
    let (app, ada) = (&world.app, world.people[0]);
    let request = room();
    let made = rooms::create(app, ada, request.clone())
        .await
        .unwrap()
        .await
        .unwrap();
    rooms::delete(app, ada, made.room.id)
        .await
        .unwrap()
        .await
        .unwrap();
    let again = rooms::create(app, ada, request).await.unwrap().await;
    assert_eq!(code(again), ErrorCode::ClientIdReused);
    assert!(rooms::list(app, ada).await.unwrap().rooms.is_empty());
}
