//! The twenty cases in which chat systems went wrong, and the tests that hold ours against them.
//! Names in the table are checked to exist. What a case needs of a capability that is not built yet
//! is named behind a dash, and comes with it.
//!
//! | case | tests |
//! | --- | --- |
//! | 1. an edit of a message that is not held | `a_change_of_a_message_that_is_not_held_brings_all_of_it_or_waits_for_its_page`, `far_behind_the_newest_come_with_every_change_of_what_is_held` |
//! | 2. a deletion races an edit | `whichever_comes_first_a_deleted_message_stays_deleted`, `an_edit_repeated_after_the_deletion_is_told_so`, `a_deleted_message_leaves_a_tombstone_and_nothing_of_its_text` |
//! | 3. an edit races an edit | `only_its_author_edits_a_message_and_a_conflict_is_told`, `an_edit_makes_nothing_unread_and_mentions_nobody` |
//! | 4. offline on, off, on is one value | `read_marks_that_wait_are_one_and_never_go_back`, `a_reaction_taken_back_before_it_left_sends_nothing` |
//! | 5. leaving and coming back | `coming_back_hides_what_was_before_and_nothing_else`, `with_history_since_joining_older_messages_stay_hidden`, `who_may_not_see_a_message_gets_void_for_its_changes` - history visibility that changes |
//! | 6. removed while away | `a_removed_member_stops_receiving`, `nothing_of_a_room_reaches_somebody_who_was_put_out`, `a_removed_member_gets_nothing`, `leaving_a_room_parks_what_was_to_be_sent_there` |
//! | 7. blocked people | `a_stranger_is_not_told_who_is_there`, `the_blocked_call_nobody_and_add_nobody_but_their_messages_come_and_count` |
//! | 8. what runs at a time runs once | `the_same_client_id_is_one_message_for_ever`, `a_message_sent_through_several_writers_at_once_is_one_message`, `two_nodes_send_it_once` |
//! | 9. what is gone is gone everywhere | `deleted_text_leaves_the_search`, `a_message_goes_when_its_time_comes_and_nothing_of_it_is_left` |
//! | 10. answers to what is deleted or not visible | `an_answer_outlives_what_it_answers_and_shows_nothing_of_it`, `an_answer_names_a_message_of_the_same_room`, `with_a_deleted_message_all_that_hung_on_it_goes` |
//! | 11. a read mark beyond the end, or older | `unread_counts_others_messages_above_the_mark_and_the_mark_never_falls`, `a_read_mark_never_moves_back` |
//! | 12. a name used twice | `a_name_used_for_something_else_is_refused`, `another_sender_may_use_the_same_client_id`, `the_name_of_an_edit_is_not_used_for_another_text` |
//! | 13. a cursor ahead of the server | `cursors_of_another_database_or_ahead_of_it_are_void`, `another_database_voids_the_cache_and_keeps_the_users_words` |
//! | 14. a cloned client | `a_cloned_client_doubles_nothing_and_agrees_with_its_original`, `the_same_device_closes_its_older_socket` |
//! | 15. unknown kinds | `an_unknown_frame_moves_the_cursor_and_is_kept`, `what_an_older_build_kept_raw_is_read_by_this_one`, `a_store_of_a_newer_version_is_left_alone` |
//! | 16. a room is deleted | `a_deleted_room_leaves_its_members_lists`, `a_room_that_was_deleted_is_not_made_again_by_a_repetition`, `an_erased_user_leaves_a_nameless_history_and_nothing_else` |
//! | 17. large rooms | `the_first_batch_of_a_large_room_leaves_its_members_to_be_asked_for`, `a_large_room_tells_counts_and_no_names` |
//! | 18. a crash between commit and telling, or before the commit | `what_was_committed_without_an_answer_is_told_at_once_on_every_node`, `a_node_alone_finds_what_was_committed_and_not_told`, `an_acknowledgement_survives_kill_9_of_the_server` |
//! | 19. a file that is ready too late | `what_a_crash_left_is_swept_and_blobs_are_not`, `leaving_a_room_parks_what_was_to_be_sent_there` - attachments |
//! | 20. what was computed for an older state | `a_limited_batch_from_an_older_cursor_is_not_taken`, `an_edit_repeated_after_another_changes_nothing` - link previews |

use erc_protocol::Message;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Server, code};

#[tokio::test]
async fn whichever_comes_first_a_deleted_message_stays_deleted() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    for round in 0..20 {
        let path = format!(
            "/chat/messages/{}",
            ada.send(room, "first").await.message_id
        );
        let text = json!({ "content": format!("secret {round}") });
        let edit = ada.ask(Method::PUT, &path, Some(text));
        let delete = ada.ask(Method::DELETE, &path, None);
        let ((edited, body), (deleted, _)) = tokio::join!(edit, delete);
        assert_eq!(deleted, StatusCode::OK);
        if edited != StatusCode::OK {
            assert_eq!(code(&body), "message_deleted");
        }
        let (_, now) = ada.get(&path).await;
        let now: Message = serde_json::from_value(now).unwrap();
        assert!(now.is_deleted() && now.content.is_empty(), "{now:?}");
        assert_eq!(now.edited_at, None);
    }
}

#[tokio::test]
async fn an_edit_makes_nothing_unread_and_mentions_nobody() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let message = ada.send(room, "hello").await;
    ada.send(room, "and this").await;
    let read = format!("/chat/rooms/{room}/read");
    let (_, before) = bo.post(&read, json!({ "seq": message.seq })).await;
    assert_eq!(
        (&before["count"], &before["mentions"]),
        (&json!(1), &json!(0))
    );
    for id in [message.message_id.0, message.message_id.0 + 1] {
        let (status, _) = ada
            .ask(
                Method::PUT,
                &format!("/chat/messages/{id}"),
                Some(json!({ "content": "@bo look" })),
            )
            .await;
        assert_eq!(status, StatusCode::OK);
    }
    let (_, after) = bo.post(&read, json!({ "seq": 0 })).await;
    assert_eq!(
        (&after["count"], &after["mentions"]),
        (&json!(1), &json!(0))
    );
}

#[tokio::test]
async fn an_answer_outlives_what_it_answers_and_shows_nothing_of_it() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada
        .room_with(json!({ "name": "den", "is_private": true, "history": "joined" }))
        .await;
    let question = ada.send(room, "the old secret").await;
    let add = format!("/chat/rooms/{room}/members/{}", bo.id);
    let (status, _) = ada.ask(Method::POST, &add, None).await;
    assert!(status.is_success());
    let body = json!({ "content": "an answer", "reply_to": question.message_id });
    let (_, answer) = ada
        .post(&format!("/chat/rooms/{room}/messages"), body)
        .await;
    // Bo came later: they hear the answer, and nothing of the question.
    let path = |id: &Value| format!("/chat/messages/{id}");
    let (status, seen) = bo.get(&path(&answer["message_id"])).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(seen["reply_to"], json!(question.message_id));
    assert!(!seen.to_string().contains("secret"), "{seen}");
    let (status, hidden) = bo.get(&path(&json!(question.message_id))).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{hidden}");
    // And when it is deleted, there is nothing of it for anybody.
    let (status, _) = ada
        .ask(Method::DELETE, &path(&json!(question.message_id)), None)
        .await;
    assert_eq!(status, StatusCode::OK);
    let (_, answer) = ada.get(&path(&answer["message_id"])).await;
    assert_eq!(answer["reply_to"], json!(question.message_id));
    let (_, tombstone) = ada.get(&path(&json!(question.message_id))).await;
    assert!(!tombstone.to_string().contains("secret"), "{tombstone}");
}
