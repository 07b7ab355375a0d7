//! What several people do in several rooms, as a plan of waves: the steps of a wave run at the same
//! time, so that they meet in one batch of the committer.

use std::collections::HashMap;

use erc_protocol::api::moderation::SanctionRequest;
use erc_protocol::api::rooms::UpdateRoomRequest;
use erc_protocol::api::users::UpdateMeRequest;
use erc_protocol::{ClientId, History, Message, RoomId, RoomRole, Seq, UserId};
use erc_server::clock;
use erc_server::ops::{Actor, members, moderation, reads, rooms, users};
use futures_util::future::join_all;
use proptest::prelude::*;

use super::replica::{Link, Replica};
use super::world::{World, edit, named, unless_refused};

pub(super) const PEOPLE: usize = 4;
const ROOMS: usize = 3;

/// Something somebody tries; the server may refuse it.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Sends, perhaps as an answer to something sent before.
    Send {
        who: usize,
        room: usize,
        to: Option<usize>,
    },
    /// Sends once more what was sent.
    Repeat {
        message: usize,
    },
    /// The author gives it one of a few texts, so that some edits change nothing.
    Edit {
        message: usize,
        text: u8,
    },
    Delete {
        who: usize,
        message: usize,
    },
    Join {
        who: usize,
        room: usize,
    },
    Leave {
        who: usize,
        room: usize,
    },
    Add {
        by: usize,
        who: usize,
        room: usize,
        moderator: bool,
    },
    Remove {
        by: usize,
        who: usize,
        room: usize,
    },
    /// Mutes, bans, lifts either, or gives a role.
    Rule {
        by: usize,
        who: usize,
        room: usize,
        how: Power,
    },
    Rename {
        who: usize,
        name: u8,
    },
    Topic {
        who: usize,
        room: usize,
        text: u8,
    },
    Read {
        who: usize,
        room: usize,
        seq: i64,
    },
    DeleteRoom {
        who: usize,
        room: usize,
    },
    CatchUp {
        who: usize,
        room: usize,
    },
    Clock {
        ms: i64,
    },
}

/// What those who look after a room do to people.
#[derive(Debug, Clone, Copy)]
pub(super) enum Power {
    Mute { seconds: Option<u32> },
    Unmute,
    Ban { seconds: Option<u32> },
    Unban,
    Role { role: RoomRole, hand_over: bool },
}

fn power() -> impl Strategy<Value = Power> {
    let seconds = || prop::option::of(1..10_u32);
    prop_oneof![
        3 => seconds().prop_map(|seconds| Power::Mute { seconds }),
        1 => Just(Power::Unmute),
        1 => seconds().prop_map(|seconds| Power::Ban { seconds }),
        1 => Just(Power::Unban),
        3 => (prop::sample::select(RoomRole::ALL), prop::bool::weighted(0.2))
            .prop_map(|(role, hand_over)| Power::Role { role, hand_over }),
    ]
}

pub(super) type Plan = Vec<Vec<Step>>;

fn step() -> impl Strategy<Value = Step> {
    let (who, room, message, text) = (0..PEOPLE, 0..ROOMS, 0..64_usize, 0..4_u8);
    let in_room = (who.clone(), room.clone());
    prop_oneof![
        12 => (who.clone(), room.clone(), prop::option::weighted(0.2, message.clone()))
            .prop_map(|(who, room, to)| Step::Send { who, room, to }),
        2 => message.clone().prop_map(|message| Step::Repeat { message }),
        4 => (message.clone(), text.clone()).prop_map(|(message, text)| Step::Edit { message, text }),
        3 => (who.clone(), message).prop_map(|(who, message)| Step::Delete { who, message }),
        3 => in_room.clone().prop_map(|(who, room)| Step::Join { who, room }),
        2 => in_room.clone().prop_map(|(who, room)| Step::Leave { who, room }),
        2 => (who.clone(), who.clone(), room.clone(), any::<bool>())
            .prop_map(|(by, who, room, moderator)| Step::Add { by, who, room, moderator }),
        1 => (who.clone(), who.clone(), room.clone())
            .prop_map(|(by, who, room)| Step::Remove { by, who, room }),
        3 => (who.clone(), who.clone(), room.clone(), power())
            .prop_map(|(by, who, room, how)| Step::Rule { by, who, room, how }),
        1 => (who.clone(), text.clone()).prop_map(|(who, name)| Step::Rename { who, name }),
        1 => (who.clone(), room.clone(), text)
            .prop_map(|(who, room, text)| Step::Topic { who, room, text }),
        4 => (who, room, 0..40_i64).prop_map(|(who, room, seq)| Step::Read { who, room, seq }),
        4 => in_room.clone().prop_map(|(who, room)| Step::CatchUp { who, room }),
        1 => (-5_000..10_000_i64).prop_map(|ms| Step::Clock { ms }),
        1 => prop::bool::weighted(0.1).prop_flat_map(move |really| {
            let deleted = in_room.clone().prop_map(|(who, room)| Step::DeleteRoom { who, room });
            if really { deleted.boxed() } else { Just(Step::Clock { ms: 1 }).boxed() }
        }),
    ]
}

pub(super) fn plan() -> impl Strategy<Value = Plan> {
    prop::collection::vec(prop::collection::vec(step(), 1..16), 1..16)
}

/// A message as it was sent.
#[derive(Debug, Clone)]
struct Sent {
    who: usize,
    content: String,
    client_id: ClientId,
    message: Message,
}

enum Effect {
    Nothing,
    Sent(Box<Sent>),
    CaughtUp(usize, usize, Box<Replica>),
}

/// A plan being carried out.
pub(super) struct Play<'w> {
    world: &'w World,
    pub(super) rooms: Vec<RoomId>,
    sent: Vec<Sent>,
    replicas: HashMap<(usize, usize), Replica>,
    /// Every state that a client was in: person, room, copy.
    pub(super) held: Vec<(usize, usize, Replica)>,
}

impl<'w> Play<'w> {
    /// Two public rooms, one of which hides what was before one came, and a private one.
    pub(super) async fn new(world: &'w World) -> Self {
        let rooms = vec![
            world.room(false, History::Shared, &[1, 2]).await,
            world.room(false, History::Joined, &[1]).await,
            world.room(true, History::Joined, &[1, 2, 3]).await,
        ];
        Self {
            world,
            rooms,
            sent: Vec::new(),
            replicas: HashMap::new(),
            held: Vec::new(),
        }
    }

    pub(super) async fn run(&mut self, plan: &Plan) {
        for wave in plan {
            let effects = join_all(wave.iter().map(|step| self.step(step))).await;
            for effect in effects {
                match effect {
                    Effect::Nothing => {}
                    Effect::Sent(sent) => self.sent.push(*sent),
                    Effect::CaughtUp(who, room, replica) => {
                        self.held.push((who, room, (*replica).clone()));
                        self.replicas.insert((who, room), *replica);
                    }
                }
            }
        }
    }

    fn sent(&self, number: usize) -> Option<&Sent> {
        self.sent.get(number % self.sent.len().max(1))
    }

    async fn step(&self, step: &Step) -> Effect {
        let world = self.world;
        let app = &world.app;
        let actor = |who: usize| world.people[who];
        let room = |room: usize| self.rooms[room];
        match *step {
            Step::Send { who, room, to } => return self.send(who, room, to).await,
            Step::Repeat { message } => self.repeat(message).await,
            Step::CatchUp { who, room } => return self.catch_up(who, room).await,
            Step::Clock { ms } => world.pass(ms),
            Step::Edit { message, text } => {
                if let Some(sent) = self.sent(message) {
                    let request = edit(&format!("edit {text}"), clock::new_client_id());
                    unless_refused(world.edit(sent.who, sent.message.message_id, request).await);
                }
            }
            Step::Delete { who, message } => {
                if let Some(sent) = self.sent(message) {
                    unless_refused(world.delete(who, sent.message.message_id).await);
                }
            }
            Step::Join { who, room: r } => {
                unless_refused(members::join(app, actor(who), room(r)).await.unwrap().await);
            }
            Step::Leave { who, room: r } => {
                unless_refused(
                    members::leave(app, actor(who), room(r))
                        .await
                        .unwrap()
                        .await,
                );
            }
            Step::Add {
                by,
                who,
                room: r,
                moderator,
            } => {
                let role = if moderator {
                    RoomRole::Moderator
                } else {
                    RoomRole::Member
                };
                let added = members::add(app, actor(by), room(r), actor(who).user, role).await;
                unless_refused(added.unwrap().await);
            }
            Step::Remove { by, who, room: r } => {
                let removed = members::remove(app, actor(by), room(r), actor(who).user).await;
                unless_refused(removed.unwrap().await);
            }
            Step::Rule {
                by,
                who,
                room: r,
                how,
            } => self.rule(actor(by), room(r), actor(who).user, how).await,
            Step::Rename { who, name } => {
                let request = UpdateMeRequest {
                    display_name: Some(format!("Name {name}")),
                };
                unless_refused(
                    users::update_me(app, actor(who), request)
                        .await
                        .unwrap()
                        .await,
                );
            }
            Step::Topic { who, room: r, text } => {
                let topic = Some(format!("topic {text}"));
                let request = UpdateRoomRequest {
                    topic,
                    ..UpdateRoomRequest::default()
                };
                unless_refused(
                    rooms::update(app, actor(who), room(r), request)
                        .await
                        .unwrap()
                        .await,
                );
            }
            Step::Read { who, room: r, seq } => {
                unless_refused(
                    reads::mark(app, actor(who), room(r), Seq(seq), None)
                        .await
                        .unwrap()
                        .await,
                );
            }
            Step::DeleteRoom { who, room: r } => {
                unless_refused(rooms::delete(app, actor(who), room(r)).await.unwrap().await);
            }
        }
        Effect::Nothing
    }

    async fn rule(&self, by: Actor, room: RoomId, user: UserId, how: Power) {
        let app = &self.world.app;
        let asked = |seconds| SanctionRequest {
            seconds,
            reason: String::new(),
        };
        match how {
            Power::Mute { seconds } => {
                let done = moderation::mute(app, by, room, user, asked(seconds)).await;
                unless_refused(done.unwrap().await);
            }
            Power::Unmute => {
                let done = moderation::unmute(app, by, room, user).await;
                unless_refused(done.unwrap().await);
            }
            Power::Ban { seconds } => {
                let done = moderation::ban(app, by, room, user, asked(seconds)).await;
                unless_refused(done.unwrap().await);
            }
            Power::Unban => {
                let done = moderation::unban(app, by, room, user).await;
                unless_refused(done.unwrap().await);
            }
            Power::Role { role, hand_over } => {
                let hand_over = hand_over && role == RoomRole::Owner && user != by.user;
                let done = members::set_role(app, by, room, user, role, hand_over).await;
                unless_refused(done.unwrap().await);
            }
        }
    }

    async fn send(&self, who: usize, room: usize, to: Option<usize>) -> Effect {
        let client_id = clock::new_client_id();
        let content = format!("said {client_id}");
        let mut request = named(&content, client_id);
        request.reply_to = to
            .and_then(|n| self.sent(n))
            .map(|sent| sent.message.message_id);
        let message = self.world.send(who, self.rooms[room], request).await;
        unless_refused(message).map_or(Effect::Nothing, |message| {
            Effect::Sent(Box::new(Sent {
                who,
                content,
                client_id,
                message,
            }))
        })
    }

    async fn repeat(&self, number: usize) {
        let Some(sent) = self.sent(number) else {
            return;
        };
        let mut request = named(&sent.content, sent.client_id);
        request.reply_to = sent.message.reply_to;
        let again = self
            .world
            .send(sent.who, sent.message.chat_room_id, request)
            .await;
        if let Some(again) = unless_refused(again) {
            assert_eq!(again.message_id, sent.message.message_id);
            assert_eq!(again.seq, sent.message.seq);
        }
    }

    async fn catch_up(&self, who: usize, room: usize) -> Effect {
        let mut replica = self.replicas.get(&(who, room)).cloned().unwrap_or_default();
        let user = self.world.people[who].user;
        replica
            .catch_up(&self.world.app, user, self.rooms[room], Link::Kept)
            .await;
        Effect::CaughtUp(who, room, Box::new(replica))
    }
}
