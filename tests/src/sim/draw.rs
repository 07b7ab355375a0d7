//! Draws a plan from a seed. Each plan draws its *moods* first: the kinds of trouble that happen in
//! it at all. A plan with every kind of trouble at once hides what two of them do together.

use erc_protocol::filter::FilterAction;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::plan::{
    BusWeather, Check, NodeFault, Plan, RoomSetup, Step, Weather, World, WritePoint,
};

/// What a plan may have at most.
#[derive(Debug, Clone, Copy)]
pub struct Taste {
    pub nodes: usize,
    pub steps: usize,
    /// How many of a hundred plans are on `PostgreSQL`.
    pub on_postgres: u8,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent kinds of trouble, each drawn by itself"
)]
struct Moods {
    members: bool,
    rooms: bool,
    bursts: bool,
    frames: bool,
    rough_frames: bool,
    cuts: bool,
    stalls: bool,
    client_deaths: bool,
    sessions: bool,
    node_deaths: bool,
    restarts: bool,
    faults: bool,
    database: bool,
    bus: bool,
    clocks: bool,
    expiry: bool,
}

struct Draw {
    random: StdRng,
    world: World,
    moods: Moods,
}

/// The plan of this seed; the same for the same taste.
pub fn plan(seed: u64, taste: Taste) -> Plan {
    let mut random = StdRng::seed_from_u64(seed);
    let world = world(&mut random, taste);
    let mut mood = |percent| random.random_ratio(percent, 100);
    let moods = Moods {
        members: mood(60),
        rooms: mood(30),
        bursts: mood(40),
        frames: mood(50),
        rough_frames: mood(30),
        cuts: mood(50),
        stalls: mood(25),
        client_deaths: mood(50),
        sessions: mood(25),
        node_deaths: mood(40),
        restarts: mood(15),
        faults: mood(40),
        database: mood(25),
        bus: mood(60),
        clocks: mood(25),
        expiry: mood(30),
    };
    let length = random.random_range(taste.steps / 3..=taste.steps);
    let mut draw = Draw {
        random,
        world,
        moods,
    };
    let mut steps: Vec<Step> = (0..length).map(|_| draw.step()).collect();
    steps.push(Step::Check {
        check: Check::Whole,
    });
    Plan {
        seed,
        world: draw.world,
        steps,
    }
}

fn world(random: &mut StdRng, taste: Taste) -> World {
    let users = random.random_range(2..=4);
    let mut devices: Vec<usize> = (0..users).collect();
    for _ in 0..random.random_range(0..=2) {
        devices.push(random.random_range(0..users));
    }
    let rooms = (0..random.random_range(1..=3)).map(|number| {
        let mut members: Vec<usize> = (0..users).filter(|_| random.random_ratio(3, 4)).collect();
        if members.is_empty() {
            members.push(0);
        }
        RoomSetup {
            is_private: number == 2,
            has_history: random.random_ratio(2, 3),
            members,
        }
    });
    let rooms = rooms.collect();
    World {
        on_postgres: random.random_ratio(u32::from(taste.on_postgres.min(100)), 100),
        nodes: random.random_range(1..=taste.nodes),
        users,
        devices,
        rooms,
    }
}

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.random.random_range(0..end)
    }

    fn percent(&mut self, most: u8) -> u8 {
        self.random.random_range(0..=most)
    }

    fn device(&mut self) -> usize {
        self.below(self.world.devices.len())
    }

    fn user(&mut self) -> usize {
        self.below(self.world.users)
    }

    /// Mostly the first ones, so that something comes together; sometimes one made later.
    fn room(&mut self) -> usize {
        let first = self.world.rooms.len();
        let end = if self.moods.rooms { first + 2 } else { first };
        self.below(end)
    }

    fn node(&mut self) -> usize {
        self.below(self.world.nodes)
    }

    fn step(&mut self) -> Step {
        loop {
            let step = match self.below(100) {
                0..=23 => Some(self.talk()),
                24..=29 => Some(self.about_polls()),
                30..=35 => Some(self.personal()),
                36..=44 => Some(self.about_messages()),
                45..=54 => self.rooms(),
                55..=69 => self.link(),
                70..=77 => self.client(),
                78..=85 => self.server(),
                86..=87 if self.moods.expiry => Some(self.expiry()),
                86..=88 => self.clock(),
                89..=93 => Some(Step::Wait {
                    ms: self.percent(30),
                }),
                94..=95 => self.strangers_and_emoji(),
                96 => Some(self.check()),
                _ => Some(self.screen()),
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    /// What needs its own place, because among everything else it would hardly ever come.
    fn strangers_and_emoji(&mut self) -> Option<Step> {
        match self.below(5) {
            0..=1 => Some(self.emoji()),
            _ if self.moods.rooms => Some(self.direct()),
            _ => None,
        }
    }

    fn emoji(&mut self) -> Step {
        Step::Emoji {
            node: self.node(),
            number: self.below(3),
            picture: [Some(1), Some(2), None][self.below(3)],
        }
    }

    /// A direct room, which may be a request, or an answer to one.
    fn direct(&mut self) -> Step {
        let (device, user) = (self.device(), self.user());
        match self.below(3) {
            0 => Step::Answer {
                device,
                pick: self.below(3),
                accept: self.below(2) == 0,
            },
            _ => Step::DirectRoom { device, user },
        }
    }

    fn about_polls(&mut self) -> Step {
        let (device, room, pick) = (self.device(), self.room(), self.below(6));
        match self.below(10) {
            0..=2 => Step::Poll {
                device,
                room,
                thread: (self.below(4) == 0).then_some(pick),
                multiple: self.below(2) == 0,
                anonymous: self.below(3) == 0,
                hidden: self.below(3) == 0,
                minutes: (self.below(4) == 0).then_some(2),
            },
            3..=8 => Step::Vote {
                device,
                room,
                pick: self.below(3),
                options: self.percent(8),
            },
            _ => Step::ClosePoll {
                device,
                room,
                pick: self.below(3),
            },
        }
    }

    fn about_messages(&mut self) -> Step {
        let (device, room, pick) = (self.device(), self.room(), self.below(6));
        match self.below(10) {
            6..=7 => Step::Reply {
                device,
                room,
                pick,
                also_in_room: self.below(3) == 0,
            },
            8 => Step::ReadThread {
                device,
                pick,
                back: self.percent(4),
            },
            9 => Step::Follow {
                device,
                room,
                pick,
                on: self.below(2) == 0,
            },
            0 => Step::Pin {
                device,
                room,
                pick,
                on: self.below(3) > 0,
            },
            1 => Step::Forward {
                device,
                room,
                pick,
                to: self.room(),
            },
            _ => Step::React {
                device,
                room,
                pick,
                emoji: self.below(5),
                on: self.below(3) > 0,
            },
        }
    }

    fn personal(&mut self) -> Step {
        let (device, room) = (self.device(), self.room());
        match self.below(10) {
            0 => Step::Attention {
                device,
                number: self.percent(9),
            },
            1 => Step::Level {
                device,
                room,
                level: self.below(4),
                hush_minutes: (self.below(2) == 0).then(|| self.random.random_range(-60..=600)),
            },
            2..=3 => Step::SendDraft {
                device,
                room,
                thread: self.thread(),
            },
            _ => Step::Draft {
                device,
                room,
                thread: self.thread(),
                is_empty: self.below(6) == 0,
                forget: self.below(5) == 0,
            },
        }
    }

    /// The composer of a room, now and then that of a thread.
    fn thread(&mut self) -> Option<usize> {
        (self.below(4) == 0).then(|| self.below(3))
    }

    fn talk(&mut self) -> Step {
        let (device, room) = (self.device(), self.room());
        match self.below(20) {
            0..=9 => Step::Send {
                device,
                room,
                is_reply: self.below(6) == 0,
            },
            10..=12 => Step::Edit {
                device,
                room,
                pick: self.below(12),
            },
            13..=14 => Step::Delete {
                device,
                room,
                pick: self.below(12),
            },
            15..=17 => Step::Read {
                device,
                room,
                back: self.percent(6),
            },
            18 if self.moods.bursts => Step::Burst {
                node: self.node(),
                user: self.user(),
                room,
                count: *[5, 40, 120, 260].get(self.below(4)).unwrap_or(&5),
            },
            19 if self.below(4) == 0 => Step::Discard { device, room },
            19 if self.below(3) == 0 => Step::Retry { device, room },
            _ => Step::Send {
                device,
                room,
                is_reply: false,
            },
        }
    }

    fn expiry(&mut self) -> Step {
        let (device, room) = (self.device(), self.room());
        let seconds = self.random.random_range(5..=3_600);
        let by_reading = self.below(2) == 0;
        match self.below(8) {
            0..=1 => Step::Pass {
                minutes: 1 + self.percent(60),
            },
            2 => Step::Lifetime {
                device,
                room,
                seconds: (self.below(3) > 0).then_some(seconds),
                by_reading,
            },
            _ => Step::SendFor {
                device,
                room,
                seconds,
                by_reading,
            },
        }
    }

    fn rooms(&mut self) -> Option<Step> {
        let (device, room, user) = (self.device(), self.room(), self.user());
        let members = self.moods.members;
        match self.below(16) {
            0..=2 if members => Some(Step::Join { device, room }),
            3..=4 if members => Some(Step::Leave { device, room }),
            5..=6 if members => Some(Step::Add { device, room, user }),
            7 if members => Some(Step::Remove { device, room, user }),
            8 if self.moods.rooms => Some(Step::NewRoom {
                device,
                user,
                is_private: self.below(2) == 0,
            }),
            9 if self.moods.rooms => Some(self.direct()),
            10 if self.moods.rooms && self.below(4) == 0 => Some(Step::DeleteRoom { device, room }),
            11 => Some(Step::Topic {
                device,
                room,
                number: self.percent(200),
            }),
            12 => Some(Step::Block {
                device,
                user,
                on: self.below(3) > 0,
            }),
            13..=14 => Some(Step::Report {
                device,
                room,
                pick: self.below(12),
            }),
            15 if self.below(3) == 0 => Some(self.emoji()),
            15 if self.below(3) > 0 => Some(Step::CloseReport { device }),
            15 => Some(Step::Filter {
                device,
                room,
                filter: match self.below(3) {
                    0 => Some(FilterAction::Refuse),
                    1 => Some(FilterAction::Flag),
                    _ => None,
                },
            }),
            10 if members => Some(Step::Rename {
                device,
                number: self.percent(200),
            }),
            _ => None,
        }
    }

    fn screen(&mut self) -> Step {
        let (device, room) = (self.device(), self.room());
        match self.below(4) {
            0 => Step::CloseRoom { device, room },
            1 => Step::Fill { device, room },
            _ => Step::OpenRoom { device, room },
        }
    }

    fn link(&mut self) -> Option<Step> {
        let device = self.device();
        match self.below(10) {
            0..=1 if self.moods.cuts => Some(Step::Cut { device }),
            2..=4 => Some(Step::Mend { device }),
            5..=6 if self.moods.frames || self.moods.rough_frames => Some(Step::Weather {
                device,
                weather: self.weather(),
            }),
            7 if self.moods.stalls => Some(Step::Stall {
                device,
                up: self.below(2) == 0,
            }),
            8..=9 if self.world.nodes > 1 => Some(Step::Route {
                device,
                node: self.node(),
            }),
            _ => None,
        }
    }

    fn weather(&mut self) -> Weather {
        let (live, rough) = (self.moods.frames, self.moods.rough_frames);
        let mut some = |is_on: bool, most: u8| {
            if is_on && self.random.random_ratio(1, 2) {
                self.random.random_range(1..=most)
            } else {
                0
            }
        };
        Weather {
            drop_live: some(live, 60),
            drop_any: some(rough, 15),
            duplicate: some(live, 50),
            reorder: some(live, 50),
            lose_answers: some(rough, 40),
            cut: some(rough, 20),
            delay_ms: some(live, 8),
        }
    }

    fn client(&mut self) -> Option<Step> {
        let device = self.device();
        let deaths = self.moods.client_deaths;
        match self.below(10) {
            0 if deaths => Some(Step::Kill { device }),
            1..=3 if deaths => Some(Step::KillAtWrite {
                device,
                after: self.percent(12),
                point: match self.below(3) {
                    0 => WritePoint::Begun,
                    1 => WritePoint::BeforeCommit,
                    _ => WritePoint::AfterCommit,
                },
            }),
            4 => Some(Step::Close { device }),
            5..=7 => Some(Step::Start { device }),
            8 if self.moods.sessions => Some(Step::SignOut {
                device,
                forget: self.below(2) == 0,
            }),
            9 if self.moods.sessions => Some(Step::SignIn { device }),
            _ => None,
        }
    }

    fn server(&mut self) -> Option<Step> {
        let node = self.node();
        match self.below(12) {
            0 if self.moods.node_deaths => Some(Step::KillNode { node }),
            1..=4 if self.moods.node_deaths || self.moods.faults => Some(Step::Fault {
                node,
                after: self.percent(10),
                times: 1 + self.percent(2),
                fault: self.fault(),
            }),
            7 if self.moods.database => Some(Step::Database),
            5 if self.moods.restarts => Some(Step::RestartNode { node }),
            6..=8 if self.moods.node_deaths => Some(Step::StartNode { node }),
            9..=11 if self.moods.bus && self.world.nodes > 1 => Some(Step::Bus {
                weather: BusWeather {
                    drop: self.percent(50),
                    duplicate: self.percent(40),
                    reorder: self.percent(40),
                    is_paused: self.below(6) == 0,
                    is_cut: self.below(8) == 0,
                },
            }),
            _ => None,
        }
    }

    fn fault(&mut self) -> NodeFault {
        let errors = [
            NodeFault::FailsAtOnce,
            NodeFault::FailsBefore,
            NodeFault::FailsAfter,
        ];
        let deaths = [
            NodeFault::DiesBefore,
            NodeFault::DiesAfter,
            NodeFault::DiesPublished,
        ];
        let dies = self.moods.node_deaths && (!self.moods.faults || self.random.random_ratio(1, 2));
        let pick = self.below(3);
        if dies { deaths[pick] } else { errors[pick] }
    }

    fn clock(&mut self) -> Option<Step> {
        let minutes = self.random.random_range(-90..=90);
        match self.below(2) {
            _ if !self.moods.clocks => None,
            0 => Some(Step::NodeClock {
                node: self.node(),
                minutes,
            }),
            _ => Some(Step::DeviceClock {
                device: self.device(),
                minutes,
            }),
        }
    }

    fn check(&mut self) -> Step {
        let check = match self.below(4) {
            0 => Check::Whole,
            1 => Check::Hard,
            _ => Check::Soft,
        };
        Step::Check { check }
    }
}
