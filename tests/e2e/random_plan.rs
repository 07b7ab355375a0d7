//! Random schedules of everything at once, and the oracle: in the end every client's cache equals
//! a fresh sign-in, and its unread count equals the server's.

use std::path::PathBuf;

use erc_protocol::{RoomId, Seq, gateway::ClientFrame};
use erc_tests::{
    client::Client,
    network::{Link, Weather},
    plan::{Plan, seeds},
    rest::Person,
    server::TestServer,
    socket::{Wire, send_frame},
};

use crate::offline::agree;

const NAMES: [&str; 3] = ["ada", "bo", "cleo"];
const STEPS: usize = 220;

struct Seat {
    name: &'static str,
    home: PathBuf,
    link: Link,
    client: Option<Client>,
    written: usize,
}

impl Seat {
    fn client(&self) -> &Client {
        self.client
            .as_ref()
            .expect("reopened in the same step as closed")
    }

    async fn step(&mut self, plan: &mut Plan, room: RoomId) {
        let name = self.name;
        match plan.below(20) {
            0..=8 => {
                self.written += 1;
                let text = format!("{name} {}", self.written);
                plan.step(format!("{name} writes {text:?}"));
                self.client().account.send(room, &text, None).await.unwrap();
            }
            9..=11 => self.change_one(plan, room).await,
            12..=13 => {
                let summary = self.client().account.room(room).unwrap();
                let last = usize::try_from(summary.last_seq.0).unwrap_or(0);
                let seq = plan.below(last + 1);
                plan.step(format!("{name} has read {seq} of {last}"));
                let seq = Seq(i64::try_from(seq).unwrap_or(0));
                self.client().account.mark_read(room, seq).await.unwrap();
            }
            14 => {
                plan.step(format!("{name}'s link is cut"));
                self.link.cut();
            }
            15..=16 => {
                plan.step(format!("{name}'s link is mended"));
                self.link.mend();
                self.client().account.reconnect_now();
            }
            17 => {
                plan.step(format!("{name}'s link is late"));
                self.link.set(|weather| {
                    *weather = Weather {
                        delay: std::time::Duration::from_millis(15),
                        ..Weather::FAIR
                    };
                });
            }
            18 => {
                let up = plan.chance(50);
                plan.step(format!("{name}'s link is stalled one way (up: {up})"));
                self.link.set(|weather| {
                    weather.stall_up = up;
                    weather.stall_down = !up;
                });
            }
            _ => {
                plan.step(format!("{name} closes the program and opens it"));
                let client = self.client.take().expect("it was open");
                client.account.close().await;
                drop(client);
                self.client = Some(Client::reopen(&self.home));
            }
        }
    }

    async fn change_one(&self, plan: &mut Plan, room: RoomId) {
        let name = self.name;
        let messages = self.client().messages(room);
        let own: Vec<_> = messages.iter().filter(|m| m.can_edit).collect();
        if own.is_empty() {
            return;
        }
        let message = plan.one_of(&own);
        let account = &self.client().account;
        if plan.chance(60) {
            let text = format!("{} *", message.text);
            plan.step(format!("{name} changes {:?}", message.text.as_str()));
            account.edit(room, message.client_id, &text).await.unwrap();
        } else {
            plan.step(format!("{name} deletes {:?}", message.text.as_str()));
            account
                .delete(room, message.sender_id, message.client_id)
                .await
                .unwrap();
        }
    }
}

/// More than catching up sends in full, so that whoever is cut off gets a hole.
async fn burst(writer: &Person, room: RoomId, count: usize) {
    let mut wire = Wire::brief(writer).await;
    let mut posted = Vec::new();
    for number in 1..=count {
        let frame = send_frame(room, &format!("burst {number} of {count}"));
        posted.push(wire.post(ClientFrame::SendMessage(frame)).await);
    }
    for id in posted {
        wire.answer(id).await.unwrap();
    }
}

async fn run(seed: u64) {
    let mut plan = Plan::new("random-plan", seed);
    let mut server = TestServer::start();
    let folder = tempfile::tempdir().unwrap();
    for name in NAMES {
        server.add_user(name);
    }
    let ada = Person::sign_in(&server.url(), NAMES[0]).await;
    let room = ada.create_room("general").await;
    let mut seats = Vec::new();
    for name in NAMES {
        if name != NAMES[0] {
            Person::sign_in(&server.url(), name).await.join(room).await;
        }
        let home = folder.path().join(name);
        let link = Link::to(server.port()).await;
        let client = Client::sign_in_at(&home, &link.url(), name).await;
        client.live().await;
        client.room("general").await;
        seats.push(Seat {
            name,
            home,
            link,
            client: Some(client),
            written: 0,
        });
    }
    for _ in 0..STEPS {
        match plan.below(100) {
            0..=1 => {
                plan.step("the server is killed and started");
                server.kill();
                server.restart();
            }
            2..=3 => {
                let count = 150 + plan.below(250);
                plan.step(format!("somebody writes {count} at once"));
                burst(&ada, room, count).await;
            }
            _ => {
                let who = plan.below(seats.len());
                seats[who].step(&mut plan, room).await;
            }
        }
        if plan.chance(15) {
            // Lets what is under way get somewhere, or not.
            let pause = u64::try_from(plan.below(120)).unwrap_or(0);
            tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
        }
    }
    plan.step("all is well again");
    for seat in &seats {
        // A stalled link does not heal a connection that it held up: cut first.
        seat.link.cut();
        seat.client().offline().await;
        seat.link.mend();
        seat.client().account.reconnect_now();
    }
    let clients: Vec<_> = seats.iter().map(|s| (s.name, s.client())).collect();
    agree(&server, room, &clients).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_any_schedule_every_cache_equals_a_fresh_sign_in() {
    for seed in seeds(&[1, 2, 3, 4]) {
        run(seed).await;
    }
}
