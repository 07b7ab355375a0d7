//! A bad network: a TCP proxy that cuts, stalls, delays and throttles on command.
//!
//! Started by a test, which owns it; dropping it ends its tasks and every connection.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::watch,
    task::JoinSet,
};

/// How the network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weather {
    /// Connections stand and can be made.
    pub up: bool,
    /// Bytes from the client wait.
    pub stall_up: bool,
    /// Bytes from the server wait.
    pub stall_down: bool,
    /// Each piece arrives this much later.
    pub delay: Duration,
    /// Bytes a second, each way; 0 is unlimited.
    pub rate: u32,
}

impl Weather {
    /// Nothing wrong.
    pub const FAIR: Self = Self {
        up: true,
        stall_up: false,
        stall_down: false,
        delay: Duration::ZERO,
        rate: 0,
    };
}

/// One client's link to a server.
pub struct Link {
    port: u16,
    target: Arc<AtomicU16>,
    weather: watch::Sender<Weather>,
    _tasks: JoinSet<()>,
}

impl Link {
    /// A link to this port of this machine.
    pub async fn to(server_port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let port = listener
            .local_addr()
            .expect("a bound listener has an address")
            .port();
        let (weather, seen) = watch::channel(Weather::FAIR);
        let mut tasks = JoinSet::new();
        let target = Arc::new(AtomicU16::new(server_port));
        tasks.spawn(accept(listener, target.clone(), seen));
        Self {
            port,
            target,
            weather,
            _tasks: tasks,
        }
    }

    /// What the client takes for the server's address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where it listens.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// New connections go to this port from now on, as a balancer would have it.
    pub fn lead_to(&self, server_port: u16) {
        self.target.store(server_port, Ordering::Relaxed);
    }

    /// Ends every connection; new ones are refused until [`Self::mend`].
    pub fn cut(&self) {
        self.set(|weather| weather.up = false);
    }

    /// All is well again.
    pub fn mend(&self) {
        self.weather.send_replace(Weather::FAIR);
    }

    /// Changes the weather.
    pub fn set(&self, change: impl FnOnce(&mut Weather)) {
        self.weather.send_modify(change);
    }
}

async fn accept(listener: TcpListener, target: Arc<AtomicU16>, weather: watch::Receiver<Weather>) {
    let mut pipes = JoinSet::new();
    loop {
        tokio::select! {
            Ok((client, _)) = listener.accept() => {
                if weather.borrow().up {
                    let server_port = target.load(Ordering::Relaxed);
                    pipes.spawn(pipe(client, server_port, weather.clone()));
                }
            }
            Some(_) = pipes.join_next() => {}
        }
    }
}

async fn pipe(client: TcpStream, server_port: u16, mut weather: watch::Receiver<Weather>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", server_port)).await else {
        return;
    };
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let up = pump(from_client, to_server, weather.clone(), |w| w.stall_up);
    let down = pump(from_server, to_client, weather.clone(), |w| w.stall_down);
    tokio::select! {
        () = up => {}
        () = down => {}
        _ = weather.wait_for(|w| !w.up) => {}
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    stalled: impl Fn(&Weather) -> bool,
) {
    let mut piece = vec![0; 16 * 1024];
    loop {
        let length = match from.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(length) => length,
        };
        let Ok(now) = weather.wait_for(|w| !stalled(w)).await.map(|w| *w) else {
            return;
        };
        let mut pause = now.delay;
        if now.rate > 0 {
            let bytes = u32::try_from(length).unwrap_or(u32::MAX);
            pause += Duration::from_secs(1) * bytes / now.rate;
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
