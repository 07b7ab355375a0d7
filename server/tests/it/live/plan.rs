//! What people do, and what their devices do meanwhile.

use std::sync::Mutex;

use erc_protocol::api::messages::{EditMessageRequest, SendMessageRequest};
use erc_protocol::api::rooms::UpdateRoomRequest;
use erc_protocol::api::users::UpdateMeRequest;
use erc_protocol::{MessageId, MessageType, RoomId, RoomRole};
use erc_server::app::App;
use erc_server::ops::committer::Receipt;
use erc_server::ops::{Actor, Error, Result, members, messages, rooms, users};
use futures_util::future::join_all;
use proptest::prelude::*;
use serde_json::json;

use crate::harness::{Person, Server};

pub(super) const PEOPLE: usize = 3;
pub(super) const DEVICES: usize = 5;
pub(super) const ROOMS: usize = 3;

/// Something somebody tries; the server may refuse it.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Send {
        who: usize,
        room: usize,
    },
    /// More than a ring holds, and more than a batch brings.
    Burst {
        who: usize,
        room: usize,
    },
    Edit {
        message: usize,
        text: u8,
    },
    Delete {
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
    },
    Remove {
        by: usize,
        who: usize,
        room: usize,
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
}

/// What a device does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Action {
    Nothing,
    Read,
    Cut,
    Connect,
    Forget,
}

#[derive(Debug, Clone)]
pub(super) struct Wave {
    pub(super) steps: Vec<Step>,
    pub(super) actions: Vec<Action>,
}

pub(super) type Plan = Vec<Wave>;

fn step() -> impl Strategy<Value = Step> {
    let (who, room, message, text) = (0..PEOPLE, 0..ROOMS, 0..512_usize, 0..4_u8);
    let in_room = (who.clone(), room.clone());
    prop_oneof![
        8 => in_room.clone().prop_map(|(who, room)| Step::Send { who, room }),
        1 => in_room.clone().prop_map(|(who, room)| Step::Burst { who, room }),
        4 => (message.clone(), text.clone()).prop_map(|(message, text)| Step::Edit { message, text }),
        2 => message.prop_map(|message| Step::Delete { message }),
        4 => in_room.clone().prop_map(|(who, room)| Step::Join { who, room }),
        2 => in_room.clone().prop_map(|(who, room)| Step::Leave { who, room }),
        2 => (who.clone(), who.clone(), room.clone())
            .prop_map(|(by, who, room)| Step::Add { by, who, room }),
        2 => (who.clone(), who.clone(), room.clone())
            .prop_map(|(by, who, room)| Step::Remove { by, who, room }),
        1 => (who.clone(), text.clone()).prop_map(|(who, name)| Step::Rename { who, name }),
        1 => (who, room, text).prop_map(|(who, room, text)| Step::Topic { who, room, text }),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => Just(Action::Nothing),
        3 => Just(Action::Read),
        2 => Just(Action::Cut),
        4 => Just(Action::Connect),
        1 => Just(Action::Forget),
    ]
}

pub(super) fn plan() -> impl Strategy<Value = Plan> {
    let steps = prop::collection::vec(step(), 1..12);
    let actions = prop::collection::vec(action(), DEVICES);
    let wave = (steps, actions).prop_map(|(steps, actions)| Wave { steps, actions });
    prop::collection::vec(wave, 1..14)
}

/// People, their rooms, and what was said.
pub(super) struct Stage<'a> {
    app: &'a App,
    pub(super) people: Vec<Person>,
    rooms: Vec<RoomId>,
    sent: Mutex<Vec<(usize, MessageId)>>,
}

impl<'a> Stage<'a> {
    /// Two public rooms, one of which hides what was before one came, and a private one.
    pub(super) async fn begin(server: &'a Server) -> Self {
        let mut people = Vec::new();
        for name in ["ada", "bo", "cy"] {
            people.push(server.user(name).await);
        }
        let ids: Vec<_> = people.iter().map(|person| person.id).collect();
        let mut rooms = Vec::new();
        for body in [
            json!({ "name": "shared", "member_ids": &ids[..2] }),
            json!({ "name": "fresh", "history": "joined" }),
            json!({ "name": "closed", "is_private": true, "member_ids": ids }),
        ] {
            rooms.push(people[0].room_with(body).await);
        }
        Self {
            app: &server.app,
            people,
            rooms,
            sent: Mutex::default(),
        }
    }

    pub(super) async fn run(&self, steps: &[Step]) {
        join_all(steps.iter().map(|step| self.step(step))).await;
    }

    fn actor(&self, who: usize) -> Actor {
        let person = &self.people[who];
        Actor {
            user: person.id,
            session: person.tokens.session_id,
            since: person.tokens.user.created_at,
        }
    }

    fn sent(&self, number: usize) -> Option<(usize, MessageId)> {
        let sent = self.sent.lock().unwrap();
        sent.get(number % sent.len().max(1)).copied()
    }

    async fn send(&self, who: usize, room: usize) {
        let request = SendMessageRequest {
            content: "said".into(),
            message_type: MessageType::Text,
            client_id: None,
            reply_to: None,
            expires_in: None,
            expires_from: None,
            thread_id: None,
            also_in_room: false,
            poll: None,
        };
        let sent = messages::send(self.app, self.actor(who), self.rooms[room], request).await;
        if let Some(message) = done(sent).await {
            self.sent.lock().unwrap().push((who, message.message_id));
        }
    }

    async fn step(&self, step: &Step) {
        let app = self.app;
        match *step {
            Step::Send { who, room } => self.send(who, room).await,
            Step::Burst { who, room } => {
                join_all((0..300).map(|_| self.send(who, room))).await;
            }
            Step::Edit { message, text } => {
                if let Some((who, id)) = self.sent(message) {
                    let request = EditMessageRequest {
                        content: format!("edited {text}"),
                        client_id: None,
                        base_rev: None,
                        options: None,
                    };
                    done(messages::edit(app, self.actor(who), id, request).await).await;
                }
            }
            Step::Delete { message } => {
                if let Some((who, id)) = self.sent(message) {
                    done(messages::delete(app, self.actor(who), id).await).await;
                }
            }
            Step::Join { who, room } => {
                done(members::join(app, self.actor(who), self.rooms[room]).await).await;
            }
            Step::Leave { who, room } => {
                done(members::leave(app, self.actor(who), self.rooms[room]).await).await;
            }
            Step::Add { by, who, room } => {
                let (room, user) = (self.rooms[room], self.people[who].id);
                let role = RoomRole::Moderator;
                done(members::add(app, self.actor(by), room, user, role).await).await;
            }
            Step::Remove { by, who, room } => {
                let (room, user) = (self.rooms[room], self.people[who].id);
                done(members::remove(app, self.actor(by), room, user).await).await;
            }
            Step::Rename { who, name } => {
                let request = UpdateMeRequest {
                    display_name: Some(format!("Name {name}")),
                };
                done(users::update_me(app, self.actor(who), request).await).await;
            }
            Step::Topic { who, room, text } => {
                let request = UpdateRoomRequest {
                    topic: Some(format!("topic {text}")),
                    ..UpdateRoomRequest::default()
                };
                done(rooms::update(app, self.actor(who), self.rooms[room], request).await).await;
            }
        }
    }
}

/// What was done; `None` if it was refused. Anything else fails the test.
async fn done<T>(receipt: Result<Receipt<T>>) -> Option<T> {
    let result = match receipt {
        Ok(receipt) => receipt.await,
        Err(error) => Err(error),
    };
    match result {
        Ok(value) => Some(value),
        Err(Error::Refused(_)) => None,
        Err(error) => panic!("neither done nor refused: {error:?}"),
    }
}
