//! What is asked of the server at once, and bursts.

use std::time::Duration;

use erc_client_core::account::NewRoom;
use erc_protocol::{ClientId, MessageType, RoomId, RoomKind, api::messages::SendMessageRequest};
use erc_server::ops::messages;
use futures_util::future::join_all;

use super::{DISK, REQUEST, fill, lifetime};
use crate::sim::run::{Running, Sim, actor};
use crate::{
    ids,
    sim::{ledger::Promise, plan::Step},
};

impl Sim<'_> {
    /// What is asked of the server at once.
    pub(super) async fn ask(&mut self, step: Step) {
        let (Step::Join { device, .. }
        | Step::Leave { device, .. }
        | Step::Add { device, .. }
        | Step::Remove { device, .. }
        | Step::NewRoom { device, .. }
        | Step::DirectRoom { device, .. }
        | Step::DeleteRoom { device, .. }
        | Step::Topic { device, .. }
        | Step::Lifetime { device, .. }
        | Step::Rename { device, .. }
        | Step::Block { device, .. }) = step
        else {
            return;
        };
        let number = self.number(device);
        let Some(account) = self.devices[number].account() else {
            return;
        };
        if let Step::Join { room, .. }
        | Step::Leave { room, .. }
        | Step::Add { room, .. }
        | Step::Remove { room, .. }
        | Step::DeleteRoom { room, .. } = step
        {
            self.ledger.moved(self.room(room).0);
            self.tally.count("comings and goings");
        }
        if let Step::Block { .. } = step {
            // What was written to a direct room may be refused now: one that came with no plan.
            for room in self.rooms.iter().skip(self.plan.world.rooms.len()) {
                self.ledger.moved(room.0);
            }
            self.tally.count("blocks");
        }
        let (room, user) = match step {
            Step::Block { user, .. } => (RoomId(0), self.user(user).id),
            Step::Add { room, user, .. } | Step::Remove { room, user, .. } => {
                (self.room(room), self.user(user).id)
            }
            Step::NewRoom { user, .. } | Step::DirectRoom { user, .. } => {
                (RoomId(0), self.user(user).id)
            }
            Step::Join { room, .. }
            | Step::Leave { room, .. }
            | Step::DeleteRoom { room, .. }
            | Step::Lifetime { room, .. }
            | Step::Topic { room, .. } => (self.room(room), self.user(0).id),
            _ => (RoomId(0), self.user(0).id),
        };
        let asking = async move {
            match step {
                Step::Join { .. } => account.join_room(room).await.map(|()| None),
                Step::Leave { .. } => account.leave_room(room).await.map(|()| None),
                Step::Add { .. } => account.add_member(room, user).await.map(|()| None),
                Step::Remove { .. } => account.remove_member(room, user).await.map(|()| None),
                Step::NewRoom { is_private, .. } => {
                    let room = NewRoom {
                        name: "a new room".into(),
                        topic: String::new(),
                        kind: RoomKind::Group,
                        is_private,
                        members: vec![user],
                    };
                    account.create_room(room).await.map(Some)
                }
                Step::DirectRoom { .. } => account.direct_room(user).await.map(Some),
                Step::DeleteRoom { .. } => account.delete_room(room).await.map(|()| None),
                Step::Topic { number, .. } => {
                    let topic = Some(format!("topic {number}"));
                    account.rename_room(room, None, topic).await.map(|()| None)
                }
                Step::Block { on: true, .. } => account.block(user, "").await.map(|()| None),
                Step::Block { .. } => account.unblock(user).await.map(|()| None),
                Step::Lifetime {
                    seconds,
                    by_reading,
                    ..
                } => {
                    let stays = seconds.map(|seconds| lifetime(seconds, by_reading));
                    account.set_lifetime(room, stays).await.map(|()| None)
                }
                Step::Rename { number, .. } => {
                    let name = format!("Name {number}");
                    account.set_display_name(&name).await.map(|()| None)
                }
                _ => Ok(None),
            }
        };
        if let Some(Ok(Some(room))) = self.devices[number].call(REQUEST, asking).await
            && !self.rooms.contains(&room)
        {
            self.tally.count("rooms made");
            if let Step::DirectRoom { .. } = step {
                // It may be a request: marks don't move in one, and it may be declined.
                self.ledger.moved(room.0);
            }
            self.rooms.push(room);
        }
    }

    /// Says something to a stranger's request, if there is one.
    pub(super) async fn answer(&mut self, device: usize, pick: usize, accept: bool) {
        let number = self.number(device);
        let Some(account) = self.devices[number].account() else {
            return;
        };
        let asked = account.requests().unwrap_or_default();
        let Some(room) = pick
            .checked_rem(asked.len())
            .and_then(|at| asked.get(at))
            .map(|room| room.id)
        else {
            return;
        };
        self.ledger.moved(room.0);
        self.tally.count(if accept {
            "requests accepted"
        } else {
            "requests declined"
        });
        let answering = async move { account.answer_request(room, accept).await };
        self.devices[number].call(DISK, answering).await;
    }

    /// What a view does.
    pub(super) async fn look(&mut self, step: Step) {
        let (Step::OpenRoom { device, room }
        | Step::CloseRoom { device, room }
        | Step::Fill { device, room }) = step
        else {
            return;
        };
        let (number, room) = (self.number(device), self.room(room));
        let device = &self.devices[number];
        let Some(account) = device.account() else {
            return;
        };
        match step {
            Step::OpenRoom { .. } => {
                device
                    .call(DISK, async move { account.open_room(room).await })
                    .await;
            }
            Step::CloseRoom { .. } => {
                device
                    .call(DISK, async move { account.close_room(room).await })
                    .await;
            }
            _ => {
                fill(&account, room);
            }
        }
    }

    pub(super) async fn burst(&mut self, node: usize, user: usize, room: usize, count: usize) {
        let node = node % self.nodes.len();
        let (user, room) = (self.user(user).id, self.room(room));
        let Some(app) = self.nodes[node].app() else {
            return;
        };
        let sends: Vec<(ClientId, String)> = (0..count)
            .map(|number| (ids::client_id(), format!("burst {} {number}", self.written)))
            .collect();
        self.written += 1;
        for (id, text) in &sends {
            let (id, place) = (id.to_string(), (user.0, room.0));
            self.ledger
                .wrote(id, place, None, Promise::Open, text.clone());
        }
        let sending = join_all(sends.into_iter().map(|(id, text)| {
            let app: Running = app.clone();
            async move {
                let request = SendMessageRequest {
                    content: text,
                    message_type: MessageType::Text,
                    client_id: Some(id),
                    reply_to: None,
                    expires_in: None,
                    expires_from: None,
                    thread_id: None,
                    also_in_room: false,
                    poll: None,
                };
                let sent = messages::send(&app, actor(user), room, request).await;
                match sent {
                    Ok(receipt) => receipt.await.is_ok().then_some(id),
                    Err(_) => None,
                }
            }
        }));
        let node = &self.nodes[node];
        let dies = async {
            while !node.has_died() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let given = tokio::select! {
            given = sending => given,
            () = dies => Vec::new(),
        };
        for id in given.into_iter().flatten() {
            self.tally.count("messages of bursts acknowledged");
            self.ledger.keep(&id.to_string());
        }
    }
}
