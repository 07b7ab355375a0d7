//! Operations of the outbox, on their way over this link: given to the network, answered, refused.

use std::time::{Duration, Instant};

use erc_protocol::{
    Draft, ErrorBody, ErrorCode, Message, UserThread, error::Verdict, poll::OwnVote, sync::Unread,
    sync::UserRoom,
};
use serde_json::Value;

use super::{End, burst::Burst, driver::Driver, questions::Asked};
use crate::{
    SafeText,
    cache::{
        outbox::{self, Kind},
        votes,
    },
    error::Result,
    outbox::{
        lanes::{Lane, frame},
        settle,
    },
    view::Update,
};

impl Driver {
    pub(super) async fn acknowledged(&mut self, asked: Asked, data: Value) -> Result<()> {
        if matches!(asked, Asked::Delivered) {
            return self.delivered_told().await;
        }
        let Asked::Operation {
            id,
            lane,
            kind,
            room,
        } = asked
        else {
            return Ok(());
        };
        let me = self.shared.my_id();
        let store = &self.shared.store;
        if kind == Kind::Draft {
            let row = serde_json::from_value::<Draft>(data);
            let is_new = store
                .write(move |tx| match row {
                    Ok(row) => settle::draft(tx, id, &row),
                    Err(_) => settle::accepted_unread(tx, id).map(|()| false),
                })
                .await?;
            self.lanes.finished(lane);
            if is_new {
                self.shared.tell(Update::Draft(room));
                self.shared.tell(Update::Rooms);
            }
            return Ok(());
        }
        let settled = if matches!(kind, Kind::Follow | Kind::ReadThread) {
            let row = serde_json::from_value::<UserThread>(data);
            let settled = store
                .write(move |tx| match row {
                    Ok(row) => settle::thread(tx, id, &row),
                    Err(_) => settle::accepted_unread(tx, id),
                })
                .await;
            self.shared.tell(Update::Threads);
            settled
        } else if kind == Kind::Answer {
            let mine = serde_json::from_value::<UserRoom>(data);
            store
                .write(move |tx| match mine {
                    Ok(mine) => settle::answered(tx, id, &mine),
                    Err(_) => settle::accepted_unread(tx, id),
                })
                .await
        } else if kind == Kind::Read {
            let unread = serde_json::from_value::<Unread>(data);
            store
                .write(move |tx| match unread {
                    Ok(unread) => settle::read(tx, id, room, &unread),
                    Err(_) => settle::accepted_unread(tx, id),
                })
                .await
        } else {
            // Beside the row, what this user chose, if it was a vote.
            let vote = data.get("own_vote").cloned();
            let vote = vote.and_then(|vote| serde_json::from_value::<OwnVote>(vote).ok());
            let row = serde_json::from_value::<Message>(data);
            store
                .write(move |tx| {
                    if let Some(vote) = &vote {
                        votes::put(tx, vote)?;
                    }
                    match row {
                        Ok(row) => settle::accepted(tx, me, id, &row),
                        Err(_) => settle::accepted_unread(tx, id),
                    }
                })
                .await
        };
        settled?;
        self.lanes.finished(lane);
        self.shared.tell_room(room);
        Ok(())
    }

    pub(super) async fn refused(
        &mut self,
        asked: Option<Asked>,
        error: &ErrorBody,
        burst: &mut Burst,
    ) -> Result<Option<End>> {
        match asked {
            Some(Asked::Operation { id, lane, room, .. }) => {
                burst.has_answers = true;
                match error.code.verdict() {
                    Verdict::Retry => {
                        self.shared
                            .store
                            .write(move |tx| settle::postponed(tx, id))
                            .await?;
                        let wait = error.retry_after.map(|s| Duration::from_secs(s.min(3600)));
                        let wait = wait.map(|wait| self.shared.clock.pace(wait));
                        self.lanes.postponed(lane, wait, Instant::now());
                        self.shared.tell(Update::Timeline(room));
                        if error.code == ErrorCode::RateLimited {
                            self.shared.tell(Update::Paced {
                                room_id: room,
                                seconds: error.retry_after.unwrap_or(1),
                            });
                        }
                    }
                    Verdict::Refresh => return Ok(Some(End::StaleToken)),
                    Verdict::Reject => {
                        self.park(id, error.clone()).await?;
                        self.lanes.finished(lane);
                    }
                }
            }
            Some(Asked::Delivered) => self.delivered_refused(),
            Some(Asked::Room(room)) => burst.add(self.engine.refused(room)),
            Some(Asked::Pong(_) | Asked::Other) | None => {
                tracing::warn!(code = %error.code, message = error.message, "refused");
                if error.code.verdict() == Verdict::Refresh {
                    return Ok(Some(End::StaleToken));
                }
            }
        }
        Ok(None)
    }

    async fn park(&self, id: i64, error: ErrorBody) -> Result<()> {
        let (room, parked) = self
            .shared
            .store
            .write(move |tx| {
                let room = outbox::get(tx, id)?.map(|entry| entry.room);
                Ok((room, settle::refused(tx, id, &error)?))
            })
            .await?;
        if let Some(entry) = parked {
            let reason = SafeText::line(entry.reason.as_deref().unwrap_or_default());
            self.shared.tell(Update::Refused {
                room_id: entry.room,
                reason,
            });
        }
        if let Some(room) = room {
            self.shared.tell_room(room);
        }
        Ok(())
    }

    /// Gives the network what may go now.
    pub(super) async fn pump(&mut self) -> Result<()> {
        while self.is_welcome {
            let heads = self.shared.store.read(outbox::heads)?;
            let chosen = self.lanes.choose(heads, Instant::now());
            if chosen.is_empty() {
                return Ok(());
            }
            let lanes: Vec<_> = chosen.iter().map(|one| (one.id, Lane::of(one))).collect();
            let going = self
                .shared
                .store
                .write(move |tx| settle::begun(tx, &chosen))
                .await?;
            for (id, lane) in lanes {
                if going.iter().all(|entry| entry.id != id) {
                    self.lanes.finished(lane);
                }
            }
            for entry in going {
                let (id, lane) = (entry.id, Lane::of(&entry));
                let Some(frame) = frame(&entry) else {
                    let why = "the message that it concerns was never sent";
                    let error = ErrorBody::new(ErrorCode::NotFound, why);
                    self.park(id, error).await?;
                    self.lanes.finished(lane);
                    continue;
                };
                let asked = Asked::Operation {
                    id,
                    lane,
                    kind: entry.kind,
                    room: entry.room,
                };
                self.say(frame, Some(asked)).await?;
                self.shared.tell(Update::Timeline(entry.room));
            }
        }
        Ok(())
    }
}
