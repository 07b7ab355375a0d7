//! A plan as data: a world and what happens in it. Written as JSON, so that a plan that failed can
//! be kept, replayed and made smaller.
//!
//! Numbers in steps name devices, users, rooms and nodes of the world; a number beyond the end
//! begins again at the beginning, so that every plan makes sense, however much was taken out of it.

use std::{fs, path::Path};

use anyhow::Context as _;
use erc_protocol::filter::FilterAction;
use serde::{Deserialize, Serialize};

/// What happens, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Drives what is left to chance within steps: which frame is lost.
    pub seed: u64,
    pub world: World,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct World {
    /// On `PostgreSQL`, if there is one to be had.
    #[serde(default)]
    pub on_postgres: bool,
    pub nodes: usize,
    pub users: usize,
    /// Whose each device is.
    pub devices: Vec<usize>,
    pub rooms: Vec<RoomSetup>,
}

/// A room that is there at the beginning; made by the first of its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSetup {
    pub is_private: bool,
    /// Whether one sees what was before one came.
    pub has_history: bool,
    pub members: Vec<usize>,
}

/// Something that happens. What makes no sense at that moment (editing a message that isn't
/// there) does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Step {
    Send {
        device: usize,
        room: usize,
        is_reply: bool,
    },
    /// Sends a message that goes by itself.
    SendFor {
        device: usize,
        room: usize,
        seconds: u16,
        by_reading: bool,
    },
    /// Says how long messages stay in a room, or that they do for ever.
    Lifetime {
        device: usize,
        room: usize,
        seconds: Option<u16>,
        by_reading: bool,
    },
    /// A reply in the thread of one of the newest messages.
    Reply {
        device: usize,
        room: usize,
        pick: usize,
        also_in_room: bool,
    },
    Follow {
        device: usize,
        room: usize,
        pick: usize,
        on: bool,
    },
    /// Reads one of the threads that one follows.
    ReadThread {
        device: usize,
        pick: usize,
        back: u8,
    },
    Edit {
        device: usize,
        room: usize,
        pick: usize,
    },
    Delete {
        device: usize,
        room: usize,
        pick: usize,
    },
    /// Answers a message with an emoji, or takes that back.
    React {
        device: usize,
        room: usize,
        pick: usize,
        emoji: usize,
        on: bool,
    },
    Pin {
        device: usize,
        room: usize,
        pick: usize,
        on: bool,
    },
    /// Asks everybody in a room, or in a thread of it and in the room, too; some end after so many
    /// minutes of the device's clock.
    Poll {
        device: usize,
        room: usize,
        thread: Option<usize>,
        multiple: bool,
        anonymous: bool,
        hidden: bool,
        minutes: Option<u8>,
    },
    /// Chooses in a poll: a bit for each option.
    Vote {
        device: usize,
        room: usize,
        pick: usize,
        options: u8,
    },
    ClosePoll {
        device: usize,
        room: usize,
        pick: usize,
    },
    /// Sends the text of a message of one room into another.
    Forward {
        device: usize,
        room: usize,
        pick: usize,
        to: usize,
    },
    /// Read up to some messages before the newest.
    Read {
        device: usize,
        room: usize,
        back: u8,
    },
    /// Leaves a text in the composer; without one, gives up what stands there. `forget`: with all that
    /// other devices wrote beside it.
    Draft {
        device: usize,
        room: usize,
        /// In the composer of a thread: that of one of the newest messages.
        thread: Option<usize>,
        is_empty: bool,
        forget: bool,
    },
    /// Sends what stands in the composer.
    SendDraft {
        device: usize,
        room: usize,
        thread: Option<usize>,
    },
    /// Which messages of a room ring, or until when none does.
    Level {
        device: usize,
        room: usize,
        level: usize,
        hush_minutes: Option<i16>,
    },
    /// What rings in all rooms.
    Attention {
        device: usize,
        number: u8,
    },
    /// Gives up everything that was refused there.
    Discard {
        device: usize,
        room: usize,
    },
    /// Sends again what was refused there.
    Retry {
        device: usize,
        room: usize,
    },
    Join {
        device: usize,
        room: usize,
    },
    Leave {
        device: usize,
        room: usize,
    },
    Add {
        device: usize,
        room: usize,
        user: usize,
    },
    Remove {
        device: usize,
        room: usize,
        user: usize,
    },
    /// Blocks somebody, or no longer.
    Block {
        device: usize,
        user: usize,
        on: bool,
    },
    /// Tells those who moderate of a message of somebody else, the `pick`th of the newest.
    Report {
        device: usize,
        room: usize,
        pick: usize,
    },
    /// A word filter of the room: texts that end in some digit are refused, or told to those who
    /// moderate; or the first of them is taken away.
    Filter {
        device: usize,
        room: usize,
        filter: Option<FilterAction>,
    },
    /// A custom emoji of this number comes (with this picture) or goes.
    Emoji {
        node: usize,
        number: usize,
        picture: Option<u8>,
    },
    /// Closes the report of one's queue that waits longest; nothing came of it.
    CloseReport {
        device: usize,
    },
    NewRoom {
        device: usize,
        user: usize,
        is_private: bool,
    },
    DirectRoom {
        device: usize,
        user: usize,
    },
    /// Accepts a stranger's request, the `pick`th of one's list, or declines it.
    Answer {
        device: usize,
        pick: usize,
        accept: bool,
    },
    DeleteRoom {
        device: usize,
        room: usize,
    },
    Topic {
        device: usize,
        room: usize,
        number: u8,
    },
    Rename {
        device: usize,
        number: u8,
    },
    /// Many messages at once, straight at a node.
    Burst {
        node: usize,
        user: usize,
        room: usize,
        count: usize,
    },
    /// The room is on screen.
    OpenRoom {
        device: usize,
        room: usize,
    },
    CloseRoom {
        device: usize,
        room: usize,
    },
    /// The view shows a hole of the room.
    Fill {
        device: usize,
        room: usize,
    },
    /// Ends the program in an orderly way.
    Close {
        device: usize,
    },
    /// Ends the program anyhow.
    Kill {
        device: usize,
    },
    /// Ends the program at a transaction of its store, so many from now.
    KillAtWrite {
        device: usize,
        after: u8,
        point: WritePoint,
    },
    /// Starts the program, if it doesn't run.
    Start {
        device: usize,
    },
    /// Signs out, with the cache or without.
    SignOut {
        device: usize,
        forget: bool,
    },
    SignIn {
        device: usize,
    },
    Cut {
        device: usize,
    },
    Mend {
        device: usize,
    },
    /// What the link does to frames.
    Weather {
        device: usize,
        weather: Weather,
    },
    /// Nothing comes through, one way; connections stand.
    Stall {
        device: usize,
        up: bool,
    },
    /// The link leads to this node from the next connection on.
    Route {
        device: usize,
        node: usize,
    },
    KillNode {
        node: usize,
    },
    /// The committer of a node meets a fault, so many batches from now, so often.
    Fault {
        node: usize,
        after: u8,
        times: u8,
        fault: NodeFault,
    },
    /// Stops in an orderly way and starts again.
    RestartNode {
        node: usize,
    },
    StartNode {
        node: usize,
    },
    /// What the bus between the nodes does to messages.
    Bus {
        weather: BusWeather,
    },
    /// Every connection to the database ends.
    Database,
    NodeClock {
        node: usize,
        minutes: i16,
    },
    DeviceClock {
        device: usize,
        minutes: i16,
    },
    /// Minutes go by for all clocks at once.
    Pass {
        minutes: u8,
    },
    /// Milliseconds go by.
    Wait {
        ms: u8,
    },
    /// All is well again, and everything must come to agree.
    Check {
        check: Check,
    },
}

/// A percentage each, of frames or answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Weather {
    /// Live frames from the server that are lost.
    pub drop_live: u8,
    /// Frames that are lost, in both directions, whatever they are.
    pub drop_any: u8,
    pub duplicate: u8,
    /// Live frames that come after the next one.
    pub reorder: u8,
    /// Answers to requests in place of which the connection ends.
    pub lose_answers: u8,
    /// Frames at which the connection ends.
    pub cut: u8,
    /// How late everything comes. Milliseconds.
    pub delay_ms: u8,
}

/// A percentage each, of messages between nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BusWeather {
    pub drop: u8,
    pub duplicate: u8,
    pub reorder: u8,
    /// Nothing comes through until the next such step or check; then everything does.
    pub is_paused: bool,
    /// Nodes are cut off from each other, and notice.
    #[serde(default)]
    pub is_cut: bool,
}

/// Where a client's transaction is when the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WritePoint {
    Begun,
    BeforeCommit,
    AfterCommit,
}

/// What the committer of a node meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeFault {
    /// The database fails before anything is done.
    FailsAtOnce,
    /// It fails at the commit: nothing was done.
    FailsBefore,
    /// It did everything, and says that it failed.
    FailsAfter,
    /// The process ends with everything undone.
    DiesBefore,
    /// The process ends between commit and publishing.
    DiesAfter,
    /// The process ends between publishing and answering.
    DiesPublished,
}

/// How thorough a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Links that only lost live frames are not cut: what was lost must be found by itself.
    Soft,
    /// Every link is cut and mended.
    Hard,
    /// As `Hard`; then every hole is filled and nothing may be missing.
    Whole,
}

impl Plan {
    /// Reads one.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }

    /// Writes it, a step a line.
    pub fn save(&self, path: &Path) -> anyhow::Result<()> {
        let world = serde_json::to_string(&self.world)?;
        let steps = self
            .steps
            .iter()
            .map(serde_json::to_string)
            .collect::<Result<Vec<_>, _>>()?;
        let text = format!(
            "{{\n\"seed\": {},\n\"world\": {world},\n\"steps\": [\n{}\n]\n}}\n",
            self.seed,
            steps.join(",\n")
        );
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text).with_context(|| path.display().to_string())
    }

    /// The same world with other steps.
    #[must_use]
    pub fn with_steps(&self, steps: Vec<Step>) -> Self {
        Self {
            steps,
            ..self.clone()
        }
    }
}
