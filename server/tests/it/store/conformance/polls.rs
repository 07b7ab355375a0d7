//! `poll_votes`, `poll_ballots`, and what a message's row tells of its poll.

use erc_protocol::poll::{NewPoll, Poll};
use erc_protocol::{Message, MessageId, Rev, RoomId, Timestamp, UserId, UserRev, limit};
use erc_server::store::polls::NewVote;
use erc_server::store::{Db, Tx};

use super::messages::message;
use super::{at, client_id, has_changed_at, new_room, new_user};

conformance! { with_db =>
    votes_come_in_the_order_in_which_they_were_given,
    the_newest_votes_of_ones_own_are_told,
    names_of_votes_are_kept,
    a_poll_is_kept_and_due_while_it_is_open,
    with_a_poll_its_votes_go,
    with_a_room_its_polls_go,
}

const ID: MessageId = MessageId(1);

fn poll(closes_at: Option<Timestamp>) -> Poll {
    let new = NewPoll {
        options: vec!["Tea".into(), "Coffee".into(), "\"\\ü".into()],
        multiple: true,
        closes_at,
        ..NewPoll::default()
    };
    Poll::new("Tea?", &new).unwrap()
}

/// A room with a poll of ada's in each of some places, and ben.
async fn den(tx: &mut Tx, ends: &[Option<Timestamp>]) -> (RoomId, UserId, UserId) {
    let ada = new_user(tx, "ada").await.id;
    let ben = new_user(tx, "ben").await.id;
    let room = new_room(tx, ada, 1).await.id;
    let all: Vec<_> = (1..)
        .zip(ends)
        .map(|(number, end)| {
            let mut new = message(room, ada, number, number);
            new.message.poll = Some(poll(*end));
            new
        })
        .collect();
    tx.insert_messages(&all).await.unwrap();
    tx.dress_messages(&all).await.unwrap();
    (room, ada, ben)
}

async fn vote(tx: &mut Tx, message: MessageId, user: UserId, options: &[u8], rev: i64) {
    let vote = NewVote {
        message,
        user,
        options: options.to_vec(),
        at: at(rev),
        rev: Rev(rev),
        user_rev: UserRev(rev),
    };
    tx.put_vote(&vote).await.unwrap();
}

async fn row(tx: &mut Tx, id: MessageId) -> Message {
    tx.message(id).await.unwrap().unwrap().into()
}

async fn votes_come_in_the_order_in_which_they_were_given(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (_, ada, ben) = den(&mut tx, &[None, None]).await;
    assert_eq!(tx.vote_of(ID, ada).await.unwrap(), None);
    vote(&mut tx, ID, ada, &[0, 2], 301).await;
    vote(&mut tx, ID, ben, &[1], 302).await;
    vote(&mut tx, ID, ada, &[2], 303).await;
    let told: Vec<_> = tx.votes(ID).await.unwrap();
    let told: Vec<_> = told
        .iter()
        .map(|one| (one.display_name.as_str(), one.options.as_slice(), one.at))
        .collect();
    assert_eq!(told, [("BEN", &[1][..], at(302)), ("ADA", &[2], at(303))]);
    let held = tx.vote_of(ID, ada).await.unwrap();
    assert_eq!(held, Some((vec![2], UserRev(303))));
    // Taken back, it is known to have been there, and told to nobody.
    vote(&mut tx, ID, ada, &[], 304).await;
    assert_eq!(tx.votes(ID).await.unwrap().len(), 1);
    let held = tx.vote_of(ID, ada).await.unwrap();
    assert_eq!(held, Some((vec![], UserRev(304))));
    assert!(tx.votes(MessageId(2)).await.unwrap().is_empty());
}

async fn the_newest_votes_of_ones_own_are_told(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada, ben) = den(&mut tx, &[None, None, None]).await;
    for (number, rev) in [(3, 10), (1, 11), (2, 12)] {
        vote(&mut tx, MessageId(number), ada, &[0], rev).await;
    }
    vote(&mut tx, ID, ben, &[1], 20).await;
    let mut told = async |from, most| {
        let rows = tx.votes_changed(ada, UserRev(from), most).await.unwrap();
        assert!(rows.iter().all(|row| row.room_id == room));
        let rows = rows.iter().map(|row| (row.message_id.0, row.user_rev.0));
        rows.collect::<Vec<_>>()
    };
    assert_eq!(told(0, limit::OWN_VOTES).await, [(3, 10), (1, 11), (2, 12)]);
    assert_eq!(told(0, 3).await, [(3, 10), (1, 11), (2, 12)]);
    assert_eq!(told(0, 2).await, [(1, 11), (2, 12)], "of more, the newest");
    assert_eq!(told(11, 9).await, [(2, 12)]);
    has_changed_at(&mut tx, ada, UserRev(12), |has| has.votes).await;
}

async fn names_of_votes_are_kept(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (_, ada, ben) = den(&mut tx, &[None]).await;
    assert_eq!(tx.ballot(ada, client_id(1)).await.unwrap(), None);
    for number in [1, 2] {
        tx.keep_ballot(ID, ada, client_id(number), &[0, 2])
            .await
            .unwrap();
    }
    tx.keep_ballot(ID, ben, client_id(1), &[]).await.unwrap();
    let kept = tx.ballot(ada, client_id(1)).await.unwrap();
    assert_eq!(kept, Some((ID, vec![0, 2])));
    let kept = tx.ballot(ben, client_id(1)).await.unwrap();
    assert_eq!(kept, Some((ID, vec![])));
    assert_eq!(tx.count_ballots(ID, ada).await.unwrap(), 2);
}

async fn a_poll_is_kept_and_due_while_it_is_open(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    den(&mut tx, &[Some(at(9)), None, Some(at(5))]).await;
    assert_eq!(row(&mut tx, ID).await.poll, Some(poll(Some(at(9)))));
    assert_eq!(tx.next_poll_end().await.unwrap(), Some(at(5)));
    assert_eq!(tx.polls_due(at(4), 9).await.unwrap(), []);
    assert_eq!(tx.polls_due(at(5), 9).await.unwrap(), [MessageId(3)]);
    assert_eq!(tx.polls_due(at(9), 9).await.unwrap(), [MessageId(3), ID]);
    assert_eq!(tx.polls_due(at(9), 1).await.unwrap(), [MessageId(3)]);
    let closed = Poll {
        closed_at: Some(at(5)),
        ..poll(Some(at(5)))
    };
    tx.write_poll(MessageId(3), &closed, Rev(500))
        .await
        .unwrap();
    assert_eq!(tx.polls_due(at(9), 9).await.unwrap(), [ID]);
    let row = row(&mut tx, MessageId(3)).await;
    assert_eq!((row.rev, row.poll), (Rev(500), Some(closed)));
}

async fn with_a_poll_its_votes_go(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (_, ada, _) = den(&mut tx, &[Some(at(5))]).await;
    vote(&mut tx, ID, ada, &[0], 301).await;
    tx.keep_ballot(ID, ada, client_id(1), &[0]).await.unwrap();
    tx.delete_message(ID, Rev(502), at(2)).await.unwrap();
    assert_eq!(row(&mut tx, ID).await.poll, None);
    assert_eq!(tx.next_poll_end().await.unwrap(), None);
    assert_eq!(tx.vote_of(ID, ada).await.unwrap(), None);
    assert_eq!(tx.ballot(ada, client_id(1)).await.unwrap(), None);
}

async fn with_a_room_its_polls_go(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada, _) = den(&mut tx, &[Some(at(5))]).await;
    vote(&mut tx, ID, ada, &[0], 301).await;
    tx.keep_ballot(ID, ada, client_id(1), &[0]).await.unwrap();
    tx.delete_room(room, at(2)).await.unwrap();
    assert_eq!(tx.next_poll_end().await.unwrap(), None);
    assert_eq!(tx.vote_of(ID, ada).await.unwrap(), None);
    assert_eq!(tx.ballot(ada, client_id(1)).await.unwrap(), None);
}
