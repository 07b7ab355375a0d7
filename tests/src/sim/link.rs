//! A device's link: a proxy that knows WebSocket frames, and loses, doubles, delays and reorders
//! single ones, or ends the connection between any two.
//!
//! Started by a device, which owns it; dropping it ends its tasks and every connection.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use super::{
    frames::{self, Frame, Frames},
    plan::Weather,
    tally::Tally,
};

/// How long a frame that is to come late waits for the one that overtakes it.
const OVERTAKING: Duration = Duration::from_millis(5);

/// How the link is.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    is_up: bool,
    /// Each cut is another number: connections of an earlier one end.
    cuts: u64,
    /// Where new connections lead; 0: nowhere.
    port: u16,
    stall_up: bool,
    stall_down: bool,
    weather: Weather,
}

#[derive(Debug, Clone)]
struct Fate {
    /// Whose link it is.
    name: Arc<str>,
    state: watch::Receiver<State>,
    random: Arc<Mutex<StdRng>>,
    tally: Arc<Tally>,
}

/// The way from a device to a node.
#[derive(Debug)]
pub struct Link {
    port: u16,
    state: watch::Sender<State>,
    _tasks: JoinSet<()>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

impl Link {
    pub async fn new(name: &str, seed: u64, tally: Arc<Tally>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let (state, watched) = watch::channel(State {
            is_up: true,
            ..State::default()
        });
        let fate = Fate {
            name: name.into(),
            state: watched,
            random: Arc::new(Mutex::new(StdRng::seed_from_u64(seed))),
            tally,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, fate));
        Ok(Self {
            port,
            state,
            _tasks: tasks,
        })
    }

    /// What the client takes for the server's address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends every connection; new ones are refused until [`Self::mend`].
    pub fn cut(&self) {
        self.state.send_modify(|state| {
            state.is_up = false;
            state.cuts += 1;
        });
    }

    /// All is well again. What was stalled ends: bytes that waited would come too late.
    pub fn mend(&self) {
        self.state.send_modify(|state| {
            if state.stall_up || state.stall_down {
                state.cuts += 1;
            }
            *state = State {
                is_up: true,
                cuts: state.cuts,
                port: state.port,
                ..State::default()
            };
        });
    }

    /// Whether frames other than live ones may have been lost or are held up.
    pub fn is_rough(&self) -> bool {
        let state = self.state.borrow();
        state.stall_up || state.stall_down || state.weather.drop_any > 0
    }

    pub fn set_weather(&self, weather: Weather) {
        self.state.send_modify(|state| state.weather = weather);
    }

    pub fn stall(&self, up: bool) {
        self.state.send_modify(|state| {
            state.stall_up |= up;
            state.stall_down |= !up;
        });
    }

    /// Where new connections lead.
    pub fn lead_to(&self, port: u16) {
        self.state.send_modify(|state| state.port = port);
    }
}

impl Fate {
    fn now(&self) -> State {
        *self.state.borrow()
    }

    fn strikes(&self, percent: u8, what: &'static str) -> bool {
        if percent == 0 {
            return false;
        }
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let strikes = random.random_ratio(u32::from(percent.min(100)), 100);
        drop(random);
        if strikes {
            self.tally.count(what);
        }
        strikes
    }

    /// What becomes of a frame, for who reads the log.
    fn tell(&self, way: Way, what: &str, frame: &Frame) {
        if tracing::enabled!(tracing::Level::TRACE) {
            let packet = frame.packet().unwrap_or_default();
            let packet = String::from_utf8_lossy(&packet);
            tracing::trace!(link = %self.name, ?way, what, %packet);
        }
    }

    /// Waits while this way is stalled, and as long as everything is late.
    async fn travel(&mut self, way: Way) {
        let is_stalled = |state: &State| match way {
            Way::Up => state.stall_up,
            Way::Down => state.stall_down,
        };
        let delay = match self.state.wait_for(|state| !is_stalled(state)).await {
            Ok(state) => state.weather.delay_ms,
            Err(_) => 0,
        };
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay.into())).await;
        }
    }
}

async fn accept(listener: TcpListener, fate: Fate) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((client, _)) = listener.accept() => {
                if fate.now().is_up {
                    connections.spawn(connection(client, fate.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(client: TcpStream, fate: Fate) {
    let State { port, cuts, .. } = fate.now();
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else {
        return;
    };
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let mut state = fate.state.clone();
    tokio::select! {
        // However it ends: both sides see the end.
        _ = carry(client, server, fate) => {}
        _ = state.wait_for(|state| state.cuts != cuts) => {}
    }
}

async fn carry(mut client: TcpStream, server: TcpStream, mut fate: Fate) -> io::Result<()> {
    let Some((request, more)) = frames::head(&mut client).await? else {
        return Ok(());
    };
    fate.travel(Way::Up).await;
    let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
    let (client_reads, client_writes) = client.into_split();
    let (mut server_reads, mut server_writes) = server.into_split();
    server_writes.write_all(&request).await?;
    if text.contains("upgrade: websocket") {
        let Some((answer, rest)) = frames::head(&mut server_reads).await? else {
            return Ok(());
        };
        let mut client_writes = client_writes;
        client_writes.write_all(&answer).await?;
        let up = packets(
            Frames::new(client_reads, more),
            server_writes,
            Way::Up,
            fate.clone(),
        );
        let down = packets(
            Frames::new(server_reads, rest),
            client_writes,
            Way::Down,
            fate,
        );
        tokio::select! {
            ended = up => ended,
            ended = down => ended,
        }
    } else {
        server_writes.write_all(&more).await?;
        let up = bytes(client_reads, server_writes, Way::Up, fate.clone());
        let down = bytes(server_reads, client_writes, Way::Down, fate);
        tokio::select! {
            ended = up => ended,
            ended = down => ended,
        }
    }
}

/// Requests and answers.
async fn bytes(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    way: Way,
    mut fate: Fate,
) -> io::Result<()> {
    let mut piece = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut piece).await?;
        if length == 0 {
            return Ok(());
        }
        fate.travel(way).await;
        let percent = fate.now().weather.lose_answers;
        if way == Way::Down && fate.strikes(percent, "answers to requests lost") {
            return Ok(());
        }
        to.write_all(&piece[..length]).await?;
    }
}

/// Frames of a socket.
async fn packets(
    mut from: Frames<impl AsyncRead + Unpin>,
    mut to: impl AsyncWrite + Unpin,
    way: Way,
    mut fate: Fate,
) -> io::Result<()> {
    // To be overtaken by the next one.
    let mut late: Option<Frame> = None;
    loop {
        let next = match &late {
            None => from.next().await?,
            Some(frame) => {
                let waiting = tokio::time::timeout(OVERTAKING, from.next());
                let Ok(next) = waiting.await else {
                    to.write_all(&frame.bytes).await?;
                    late = None;
                    continue;
                };
                next?
            }
        };
        let Some(frame) = next else {
            return Ok(());
        };
        fate.travel(way).await;
        let weather = fate.now().weather;
        if fate.strikes(weather.cut, "connections cut at a frame") {
            return Ok(());
        }
        let kind = frame.kind();
        let is_live = way == Way::Down && kind.as_deref().is_some_and(is_live);
        // A socket whose first frames are lost is as good as cut.
        let may_vanish = kind.is_some_and(|kind| kind != "hello" && kind != "welcome");
        if is_live && fate.strikes(weather.drop_live, "live frames lost")
            || may_vanish && fate.strikes(weather.drop_any, "frames of any kind lost")
        {
            fate.tell(way, "lost", &frame);
            continue;
        }
        if is_live && late.is_none() && fate.strikes(weather.reorder, "frames overtaken") {
            fate.tell(way, "late", &frame);
            late = Some(frame);
            continue;
        }
        fate.tell(way, "through", &frame);
        to.write_all(&frame.bytes).await?;
        if may_vanish && fate.strikes(weather.duplicate, "frames doubled") {
            to.write_all(&frame.bytes).await?;
        }
        if let Some(frame) = late.take() {
            to.write_all(&frame.bytes).await?;
        }
    }
}

/// Frames that tell of a change as it happens: any of them may be lost, and nothing with it.
fn is_live(kind: &str) -> bool {
    matches!(
        kind,
        "new_message"
            | "message_updated"
            | "room_updated"
            | "member_updated"
            | "user_updated"
            | "void"
            | "receipts"
            | "typing_indicator"
            | "presence_update"
    )
}
