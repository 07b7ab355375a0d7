//! What users have not sent yet. Rows are the owner's alone and live under their `user_rev`.
//!
//! The text that comes last stands, and no text is lost: what another device had written without the
//! writer's knowing is put aside in the same row ([0072](../../../docs/decisions/0072-personal.md)).
//! Whoever changes a row locks its owner's counter first.

use std::collections::{HashMap, HashSet};

use erc_protocol::{
    ClientId, Draft, ErrorCode, MessageId, RoomId, Timestamp, UserId, UserRev,
    draft::{Aside, DraftList, DraftRequest},
    limit,
    validate::{self, ContentError},
};

use super::Actor;
use super::access::Access;
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Result};
use super::threads;
use crate::app::App;
use crate::clock;
use crate::rules::permission::Action;
use crate::store::{self, DraftRow, Tx};

fn valid(text: &str) -> Result<String> {
    validate::draft(text).map_err(|error| match error {
        ContentError::DraftTooLarge { .. } => {
            Error::refused(ErrorCode::TooLarge, error.to_string())
        }
        _ => Error::invalid("content", error.to_string()),
    })
}

/// Keeps what stands in the actor's composer of a room, or of a thread in it; answers the draft as it
/// is then.
pub async fn save(
    app: &App,
    actor: Actor,
    room: RoomId,
    request: DraftRequest,
) -> Result<Receipt<Draft>> {
    let content = valid(&request.content)?;
    for (field, names) in [("forget", &request.forget), ("base", &request.base)] {
        if names.len() > limit::DRAFT_NAMES {
            let why = format!("at most {} at a time", limit::DRAFT_NAMES);
            return Err(Error::invalid(field, why));
        }
    }
    let thread = request.thread_id;
    let wish = Wish {
        content,
        reply_to: request.reply_to.map(|id| id.0),
        name: request.client_id.unwrap_or_else(clock::new_client_id),
        base: request.base,
        forget: request.forget,
    };
    app.committer
        .submit(Lane::User(actor.user), move |tx, now| {
            Box::pin(async move {
                let access = Access::load(tx, room, actor.user).await?;
                access.check(Action::Read)?;
                access.joined().ok_or_else(|| Error::not_found("room"))?;
                if let Some(id) = thread {
                    let (first, _) = threads::thread_of(tx, actor, id).await?;
                    if first.room_id != room {
                        return Err(Error::not_found("message"));
                    }
                }
                tx.users_for_update(&[actor.user]).await?;
                let held = tx.draft((actor.user, room, thread)).await?;
                let held = held.unwrap_or_else(|| DraftRow::none(actor.user, room, thread));
                let Some(mut row) = write(&held, wish, now)? else {
                    return Ok(Done::unchanged(held.public()));
                };
                if held.clone().public().is_blank() && !row.clone().public().is_blank() {
                    let most = limit::DRAFTS_PER_USER;
                    if tx.count_drafts(actor.user).await? >= most {
                        let why = format!("at most {most} drafts: send or empty one first");
                        return Err(Error::refused(ErrorCode::LimitReached, why));
                    }
                }
                row.user_rev = tx.next_user_rev(actor.user).await?;
                tx.put_draft(&row).await?;
                let changes = vec![Change::User(actor.user)];
                Ok(Done::new(row.public(), changes))
            })
        })
        .await
}

/// What a device says of a composer.
struct Wish {
    content: String,
    reply_to: Option<i64>,
    name: ClientId,
    base: Vec<ClientId>,
    forget: Vec<ClientId>,
}

/// The row after a wish; none, if it changes nothing.
fn write(held: &DraftRow, wish: Wish, now: Timestamp) -> Result<Option<DraftRow>> {
    let mut row = held.clone();
    row.aside
        .0
        .retain(|text| !wish.forget.contains(&text.version));
    let goes_on = wish.base.contains(&held.version) || held.is_empty();
    let gives_up = wish.content.is_empty() && wish.reply_to.is_none();
    let is_repeated = held.was(wish.name);
    // What was given up elsewhere than where it was written last is not given up.
    let is_stale = gives_up && (!goes_on || held.is_empty());
    if is_repeated || is_stale {
        return Ok((row != *held).then_some(row));
    }
    // A text that holds the other one loses nothing of it.
    if !goes_on && !held.content.is_empty() && !wish.content.contains(&held.content) {
        if row.aside.0.len() >= limit::DRAFT_ASIDES {
            let why = format!(
                "{} texts of other devices wait beside this draft: look at them first",
                limit::DRAFT_ASIDES
            );
            return Err(Error::refused(ErrorCode::LimitReached, why));
        }
        row.aside.0.push(Aside {
            version: held.version,
            content: held.content.clone(),
            at: held.updated_at,
        });
    }
    row.content = wish.content;
    row.reply_to = wish.reply_to;
    row.updated_at = now;
    row.call(wish.name);
    Ok(Some(row))
}

/// What the actor has not sent yet, where they are.
pub async fn list(app: &App, actor: Actor) -> Result<DraftList> {
    let mut tx = app.db.snapshot().await?;
    let rows = tx.drafts(actor.user, limit::DRAFTS_PER_USER).await?;
    let drafts = rows.into_iter().map(DraftRow::public).collect();
    Ok(DraftList { drafts })
}

/// A message that was just sent, and the states of a draft that it was.
pub(super) struct SentDraft<'s> {
    pub(super) user: UserId,
    pub(super) room: RoomId,
    pub(super) thread: Option<MessageId>,
    pub(super) message: ClientId,
    pub(super) states: &'s [ClientId],
}

/// Empties the drafts that became these messages; answers whose. Their rooms are locked already.
pub(super) async fn empty_sent(
    tx: &mut Tx,
    sent: &[SentDraft<'_>],
    now: Timestamp,
) -> store::Result<HashSet<UserId>> {
    let key = |one: &SentDraft<'_>| (one.user, one.room, one.thread);
    let mut keys: Vec<_> = sent.iter().map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut emptied = HashSet::new();
    if keys.is_empty() {
        return Ok(emptied);
    }
    let mut users: Vec<_> = keys.iter().map(|(user, ..)| *user).collect();
    users.dedup();
    tx.users_for_update(&users).await?;
    let rows = tx.drafts_of(&keys).await?;
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.key(), row)).collect();
    for one in sent {
        let Some(row) = rows.get_mut(&key(one)) else {
            continue;
        };
        if row.is_empty() || !one.states.contains(&row.version) {
            continue;
        }
        row.content = String::new();
        row.reply_to = None;
        row.updated_at = now;
        row.call(one.message);
        row.user_rev = tx.next_user_rev(one.user).await?;
        tx.put_draft(row).await?;
        emptied.insert(one.user);
    }
    Ok(emptied)
}

/// What changed after `from`; from the beginning, only what is still there.
pub(super) async fn changed(tx: &mut Tx, user: UserId, from: UserRev) -> Result<Vec<Draft>> {
    let rows = tx.drafts_changed(user, from).await?.into_iter();
    let drafts = rows.map(DraftRow::public);
    Ok(drafts
        .filter(|draft| from > UserRev::ZERO || !draft.is_blank())
        .collect())
}

#[cfg(test)]
mod tests {
    use erc_protocol::UserRev;

    use super::*;

    fn name(number: u128) -> ClientId {
        ClientId(uuid::Uuid::from_u128(number))
    }

    fn wish(content: &str, number: u128, base: Option<u128>) -> Wish {
        Wish {
            content: content.into(),
            reply_to: None,
            name: name(number),
            base: base.map(name).into_iter().collect(),
            forget: Vec::new(),
        }
    }

    fn after(held: &DraftRow, wish: Wish) -> DraftRow {
        write(held, wish, Timestamp(1)).unwrap().unwrap()
    }

    fn row() -> DraftRow {
        let none = DraftRow::none(UserId(1), RoomId(1), None);
        let first = after(&none, wish("hello", 1, None));
        assert_eq!(first.user_rev, UserRev::ZERO);
        after(&first, wish("hello there", 2, Some(1)))
    }

    fn aside(row: &DraftRow) -> Vec<&str> {
        row.aside
            .0
            .iter()
            .map(|text| text.content.as_str())
            .collect()
    }

    #[test]
    fn a_text_that_goes_on_from_the_newest_takes_its_place() {
        let row = row();
        assert_eq!(row.content, "hello there");
        assert!(row.aside.0.is_empty());
    }

    #[test]
    fn a_text_that_did_not_know_the_newest_puts_it_aside() {
        let other = after(&row(), wish("good evening", 3, Some(1)));
        assert_eq!(other.content, "good evening");
        assert_eq!(aside(&other), ["hello there"]);
        let taken = Wish {
            forget: vec![name(2)],
            ..wish("good evening, hello there", 4, Some(3))
        };
        assert!(after(&other, taken).aside.0.is_empty());
    }

    #[test]
    fn a_text_that_holds_the_newest_puts_nothing_aside() {
        let longer = after(&row(), wish("oh, hello there!", 3, Some(1)));
        assert!(longer.aside.0.is_empty());
    }

    #[test]
    fn what_is_said_again_changes_nothing_even_after_others_wrote() {
        let row = row();
        let again = write(&row, wish("hello", 1, None), Timestamp(2)).unwrap();
        assert_eq!(again, None);
    }

    #[test]
    fn giving_up_an_older_text_gives_up_nothing() {
        let row = row();
        let stale = write(&row, wish("", 3, Some(1)), Timestamp(2)).unwrap();
        assert_eq!(stale, None);
        let given_up = after(&row, wish("", 3, Some(2)));
        assert!(given_up.is_empty());
        assert_eq!(given_up.version, name(3));
    }

    #[test]
    fn only_so_many_texts_are_put_aside() {
        let mut row = row();
        for number in 0..limit::DRAFT_ASIDES as u128 {
            row = after(&row, wish(&format!("text {number}"), 10 + number, Some(1)));
        }
        assert_eq!(row.aside.0.len(), limit::DRAFT_ASIDES);
        let refused = write(&row, wish("one more", 99, Some(1)), Timestamp(2)).unwrap_err();
        assert_eq!(refused.body().code, ErrorCode::LimitReached);
    }
}
