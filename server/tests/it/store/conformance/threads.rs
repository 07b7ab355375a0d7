//! Threads: replies, what roots tell of them, and `user_threads`.

use erc_protocol::{Message, MessageId, Rev, RoomId, Seq, ThreadSummary, UserId, UserRev};
use erc_server::store::{Db, NewMessage, Tx, UserThreadRow};

use super::messages::message;
use super::{at, enter, has_changed_at, new_room, new_user};

conformance! { with_db =>
    a_root_tells_of_the_replies_that_are_not_deleted,
    a_tombstone_whose_thread_goes_on_keeps_the_change_that_deleted_it,
    replies_are_paged_from_the_newest_down,
    threads_of_a_room_come_by_their_newest_reply,
    what_stands_in_a_thread_only_is_counted_there_and_not_in_the_room,
    the_newest_of_a_room_is_what_the_room_itself_shows,
    a_mark_in_a_thread_never_moves_back,
    the_quietest_thread_beyond_so_many_is_found,
    threads_that_changed_or_have_something_unread_are_told,
}

const ROOT: MessageId = MessageId(1);

fn reply(room: RoomId, sender: UserId, number: i64, also_in_room: bool) -> NewMessage {
    let mut new = message(room, sender, number, number);
    new.message.thread_id = Some(ROOT);
    new.message.also_in_room = also_in_room;
    new
}

/// A room of ada and ben: ada's message, ben's replies at 2 (in the thread only) and 3 (in the room,
/// too), and another message of ben's.
async fn den(tx: &mut Tx) -> (RoomId, UserId, UserId) {
    let ada = new_user(tx, "ada").await.id;
    let ben = new_user(tx, "ben").await.id;
    let room = new_room(tx, ada, 1).await.id;
    enter(tx, room, ada).await;
    enter(tx, room, ben).await;
    let all = [
        message(room, ada, 1, 1),
        reply(room, ben, 2, false),
        reply(room, ben, 3, true),
        message(room, ben, 4, 4),
    ];
    tx.insert_messages(&all).await.unwrap();
    tx.dress_messages(&all).await.unwrap();
    tx.write_thread(ROOT, Rev(500)).await.unwrap();
    (room, ada, ben)
}

async fn row(tx: &mut Tx, id: i64) -> Message {
    tx.message(MessageId(id)).await.unwrap().unwrap().into()
}

fn of(user: UserId, room: RoomId, following: bool, read: i64, rev: i64) -> UserThreadRow {
    UserThreadRow {
        user_id: user,
        thread_id: ROOT,
        room_id: room,
        following,
        read_seq: Seq(read),
        user_rev: UserRev(rev),
    }
}

async fn a_root_tells_of_the_replies_that_are_not_deleted(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    den(&mut tx).await;
    let told = row(&mut tx, 1).await;
    let newest = row(&mut tx, 3).await;
    let both = ThreadSummary {
        replies: 2,
        last_seq: Seq(3),
        last_at: newest.created_at,
    };
    assert_eq!((told.rev, told.thread), (Rev(500), Some(both)));
    assert_eq!((newest.thread_id, newest.also_in_room), (Some(ROOT), true));
    assert!(!row(&mut tx, 2).await.is_in_room());
    tx.delete_message(MessageId(3), Rev(501), at(9))
        .await
        .unwrap();
    tx.write_thread(ROOT, Rev(502)).await.unwrap();
    let thread = row(&mut tx, 1).await.thread.unwrap();
    assert_eq!((thread.replies, thread.last_seq), (1, Seq(2)));
    // The place in the thread stays.
    assert_eq!(row(&mut tx, 3).await.thread_id, Some(ROOT));
    tx.delete_message(MessageId(2), Rev(503), at(9))
        .await
        .unwrap();
    tx.write_thread(ROOT, Rev(504)).await.unwrap();
    assert_eq!(row(&mut tx, 1).await.thread, None);
}

async fn a_tombstone_whose_thread_goes_on_keeps_the_change_that_deleted_it(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, _, ben) = den(&mut tx).await;
    assert_eq!(row(&mut tx, 1).await.deleted_rev, None);
    tx.delete_message(ROOT, Rev(600), at(9)).await.unwrap();
    assert_eq!(row(&mut tx, 1).await.deleted_rev, None);
    for rev in [601, 602] {
        tx.write_thread(ROOT, Rev(rev)).await.unwrap();
        let told = row(&mut tx, 1).await;
        assert_eq!((told.rev, told.deleted_rev), (Rev(rev), Some(Rev(600))));
        assert!(told.is_deleted() && told.thread.is_some());
    }
    // It was deleted at 600, whatever happened to its row since.
    for (rev, count) in [(599, 1), (600, 0), (700, 0)] {
        let at = (Seq(1), Rev(rev));
        let unread = tx.count_unread(room, ben, Seq(0), at).await.unwrap();
        assert_eq!(unread, count, "as of {rev}");
    }
}

async fn replies_are_paged_from_the_newest_down(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    den(&mut tx).await;
    let end = Seq(99);
    for (first, before, limit, expected) in [
        (Seq(1), end, 10, vec![2, 3]),
        (Seq(1), end, 1, vec![3]),
        (Seq(1), Seq(3), 10, vec![2]),
        (Seq(3), end, 10, vec![3]),
    ] {
        let rows = tx.replies_before(ROOT, first, before, limit).await.unwrap();
        let seqs: Vec<_> = rows.iter().map(|row| row.seq.0).collect();
        assert_eq!(seqs, expected);
    }
}

async fn threads_of_a_room_come_by_their_newest_reply(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada, _) = den(&mut tx).await;
    let mut other = message(room, ada, 5, 5);
    other.message.thread_id = Some(MessageId(4));
    let other = [other];
    tx.insert_messages(&other).await.unwrap();
    tx.dress_messages(&other).await.unwrap();
    tx.write_thread(MessageId(4), Rev(501)).await.unwrap();
    for (first, before, limit, expected) in [
        (Seq(1), Seq(99), 10, vec![4, 1]),
        (Seq(1), Seq(99), 1, vec![4]),
        (Seq(1), Seq(5), 10, vec![1]),
        (Seq(2), Seq(99), 10, vec![4]),
    ] {
        let rows = tx.threads_before(room, first, before, limit).await.unwrap();
        let ids: Vec<_> = rows.iter().map(|row| row.id.0).collect();
        assert_eq!(ids, expected);
    }
}

async fn what_stands_in_a_thread_only_is_counted_there_and_not_in_the_room(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada, ben) = den(&mut tx).await;
    tx.insert_mentions(&[
        (ada, room, Seq(2)),
        (ada, room, Seq(3)),
        (ada, room, Seq(4)),
    ])
    .await
    .unwrap();
    let now = (Seq(4), Rev(500));
    for (after, in_room, in_thread) in [(0, 2, 2), (2, 2, 1), (3, 1, 0), (4, 0, 0)] {
        let after = Seq(after);
        let unread = tx.count_unread(room, ada, after, now).await.unwrap();
        let mentions = tx.count_mentions(room, ada, after, Seq(4)).await.unwrap();
        assert_eq!((unread, mentions), (in_room, in_room), "in the room");
        let unread = tx
            .count_unread_replies(ROOT, ada, after, now)
            .await
            .unwrap();
        let place = (room, ROOT);
        let mentions = tx.count_mentions_in_thread(place, ada, after, Seq(4)).await;
        assert_eq!((unread, mentions.unwrap()), (in_thread, in_thread));
    }
    // One's own are not unread; what was deleted since was unread then.
    let own = tx.count_unread_replies(ROOT, ben, Seq(0), now).await;
    assert_eq!(own.unwrap(), 0);
    tx.delete_message(MessageId(3), Rev(501), at(9))
        .await
        .unwrap();
    for (rev, count) in [(500, 2), (501, 1)] {
        let at = (Seq(4), Rev(rev));
        let unread = tx
            .count_unread_replies(ROOT, ada, Seq(0), at)
            .await
            .unwrap();
        assert_eq!(unread, count, "as of {rev}");
    }
}

async fn the_newest_of_a_room_is_what_the_room_itself_shows(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, _, ben) = den(&mut tx).await;
    let more = [reply(room, ben, 5, false)];
    tx.insert_messages(&more).await.unwrap();
    tx.dress_messages(&more).await.unwrap();
    let newest = tx.newest_in_room(room, Seq(1)).await.unwrap();
    assert_eq!(newest.map(|row| row.seq), Some(Seq(4)));
    let behind = tx.newest_in_room(room, Seq(5)).await.unwrap();
    assert_eq!(behind.map(|row| row.seq), None);
}

async fn a_mark_in_a_thread_never_moves_back(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada, ben) = den(&mut tx).await;
    assert_eq!(tx.user_thread(ada, ROOT).await.unwrap(), None);
    for (read, rev, then) in [(2, 11, 2), (1, 12, 2), (4, 13, 4)] {
        let written = of(ada, room, true, read, rev);
        tx.put_user_thread(&written).await.unwrap();
        let held = tx.user_thread(ada, ROOT).await.unwrap().unwrap();
        assert_eq!(held, of(ada, room, true, then, rev));
    }
    tx.put_user_thread(&of(ben, room, true, 1, 7))
        .await
        .unwrap();
    tx.put_user_thread(&of(ada, room, false, 0, 14))
        .await
        .unwrap();
    let changed = async |tx: &mut Tx, from| {
        let rows = tx.user_threads_changed(ada, UserRev(from)).await.unwrap();
        rows.iter().map(|row| row.user_rev.0).collect::<Vec<_>>()
    };
    assert_eq!(changed(&mut tx, 13).await, [14]);
    assert_eq!(changed(&mut tx, 14).await, [0; 0]);
    has_changed_at(&mut tx, ada, UserRev(14), |has| has.threads).await;
}

async fn the_quietest_thread_beyond_so_many_is_found(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada, _) = den(&mut tx).await;
    // One with replies, and one of which the root is older than they are.
    tx.put_user_thread(&of(ada, room, true, 0, 11))
        .await
        .unwrap();
    let other = UserThreadRow {
        thread_id: MessageId(4),
        ..of(ada, room, true, 0, 12)
    };
    tx.put_user_thread(&other).await.unwrap();
    let order = async |tx: &mut Tx| {
        let rows = tx.followed_threads(ada, 0, 10).await.unwrap();
        rows.iter().map(|row| row.thread_id.0).collect::<Vec<_>>()
    };
    assert_eq!(order(&mut tx).await, [4, 1]);
    let second = tx.followed_threads(ada, 1, 10).await.unwrap();
    assert_eq!(second.len(), 1);
    let quietest = async |tx: &mut Tx, most| {
        let row = tx.quietest_thread(ada, most).await.unwrap();
        row.map(|row| row.thread_id.0)
    };
    assert_eq!(quietest(&mut tx, 1).await, Some(1));
    assert_eq!(quietest(&mut tx, 2).await, None);
    tx.put_user_thread(&UserThreadRow {
        following: false,
        ..other
    })
    .await
    .unwrap();
    assert_eq!(order(&mut tx).await, [1]);
    assert_eq!(quietest(&mut tx, 1).await, None);
}

async fn threads_that_changed_or_have_something_unread_are_told(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada, ben) = den(&mut tx).await;
    let told = async |tx: &mut Tx, user, rev| {
        let rows = tx.threads_to_tell(user, room, Rev(rev)).await.unwrap();
        rows.len()
    };
    assert_eq!(told(&mut tx, ada, 0).await, 0, "nobody follows");
    tx.put_user_thread(&of(ada, room, true, 2, 11))
        .await
        .unwrap();
    tx.put_user_thread(&of(ben, room, true, 3, 7))
        .await
        .unwrap();
    assert_eq!(told(&mut tx, ada, 500).await, 1, "something is unread");
    assert_eq!(told(&mut tx, ben, 499).await, 1, "it changed");
    assert_eq!(told(&mut tx, ben, 500).await, 0);
}
