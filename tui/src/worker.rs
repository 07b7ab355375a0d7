//! The only caller of client-core.
//!
//! Started by [`crate::app`], which owns it; ends when the commands end, after the last one was
//! carried out and the account was closed. What concerns the cache and the outbox is done at once
//! and in order; questions to the server run beside, so that a slow one holds nothing up. Both
//! channels are bounded: when answers are not taken the worker waits, and client-core's updates,
//! should they overrun meanwhile, become one `Everything`.

mod answers;
mod emoji;
mod export;
mod remote;

use erc_client_core::{
    Account, Home, SafeText,
    home::{SignIn, SignUp},
    protocol::auth::ErasedMessages,
    view::{Connection, Update},
};
use tokio::{
    sync::{broadcast, mpsc, watch},
    task::{AbortHandle, JoinSet},
};

use crate::command::{Answer, Command, Credentials, Failure, Secret};

/// Questions to the server at a time; one more waits for the first of them.
const AT_ONCE: usize = 16;

/// The worker.
pub struct Worker {
    home: Home,
    open: Option<Open>,
    answers: mpsc::Sender<Answer>,
    remote: JoinSet<()>,
    /// The export that runs, if one does.
    export: Option<AbortHandle>,
}

/// The account that is open, and what it tells.
struct Open {
    account: Account,
    updates: broadcast::Receiver<Update>,
    connection: watch::Receiver<Connection>,
    started: bool,
}

impl Open {
    fn new(account: Account) -> Self {
        Self {
            updates: account.updates(),
            connection: account.connection(),
            account,
            started: false,
        }
    }

    /// The next thing that changed by itself.
    async fn next(&mut self) -> Update {
        loop {
            tokio::select! {
                update = self.updates.recv() => match update {
                    // The connection is told by its own channel, which never lags.
                    Ok(Update::Connection(_)) => {}
                    Ok(update) => return update,
                    Err(broadcast::error::RecvError::Lagged(_)) => return Update::Everything,
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                },
                changed = self.connection.changed() => match changed {
                    Ok(()) => {
                        let now = self.connection.borrow_and_update().clone();
                        return Update::Connection(now);
                    }
                    Err(_) => std::future::pending().await,
                },
            }
        }
    }
}

impl Worker {
    /// A worker for this folder, with the account that is open, if any.
    pub fn new(home: Home, account: Option<Account>, answers: mpsc::Sender<Answer>) -> Self {
        Self {
            home,
            open: account.map(Open::new),
            answers,
            remote: JoinSet::new(),
            export: None,
        }
    }

    /// Works until the commands end.
    pub async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        loop {
            let update = async {
                match &mut self.open {
                    Some(open) => open.next().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.carry_out(command).await,
                    None => break,
                },
                update = update => self.answer(Answer::Update(update)).await,
                Some(_) = self.remote.join_next(), if !self.remote.is_empty() => {}
            }
        }
        self.remote.abort_all();
        if let Some(open) = self.open.take() {
            open.account.close().await;
        }
    }

    async fn answer(&self, answer: Answer) {
        // Nobody takes answers any more only while the program ends.
        let _ = self.answers.send(answer).await;
    }

    async fn carry_out(&mut self, command: Command) {
        let command = match command {
            Command::AskServer { server } => return self.ask_server(server).await,
            Command::SignIn(credentials) => return self.sign_in(*credentials).await,
            Command::SignOut => return self.sign_out().await,
            Command::Deactivate { password } => {
                return self.give_up(password, None).await;
            }
            Command::Erase { password, messages } => {
                return self.give_up(password, Some(messages)).await;
            }
            other => other,
        };
        let Some(open) = &mut self.open else { return };
        let account = open.account.clone();
        match command {
            Command::Start => {
                open.started = true;
                account.start();
            }
            Command::Reconnect => account.reconnect_now(),
            Command::Search { query } => {
                // What is here at once; what the server adds when it comes.
                let here = answers::search(&account, &query);
                let makes_sense = matches!(&here, Answer::Hits { result: Ok(_), .. });
                self.answer(here).await;
                if makes_sense {
                    self.go_ask(account, Command::Search { query }).await;
                }
            }
            Command::StopExport => self.stop_export(),
            Command::ExportRoom { .. } | Command::ExportMe { .. } => {
                self.stop_export();
                self.make_room().await;
                let work = export::run(account, command, self.answers.clone());
                self.export = Some(self.remote.spawn(work));
            }
            command => match answers::local(&account, command).await {
                answers::Local::Done => {}
                answers::Local::Answer(answer) => self.answer(*answer).await,
                answers::Local::Remote(command) => self.go_ask(account, command).await,
            },
        }
    }

    async fn go_ask(&mut self, account: Account, command: Command) {
        self.make_room().await;
        let answers = self.answers.clone();
        self.remote.spawn(async move {
            if let Some(answer) = remote::ask(&account, command).await {
                let _ = answers.send(answer).await;
            }
        });
    }

    /// What is half written goes with its task.
    fn stop_export(&mut self) {
        if let Some(export) = self.export.take() {
            export.abort();
        }
    }

    async fn make_room(&mut self) {
        while self.remote.len() >= AT_ONCE {
            self.remote.join_next().await;
        }
    }

    async fn ask_server(&mut self, server: String) {
        self.make_room().await;
        let (home, answers) = (self.home.clone(), self.answers.clone());
        self.remote.spawn(async move {
            let info = home.server_info(&server).await.map_err(|e| failure(&e));
            let asked = server;
            let _ = answers.send(Answer::Server { asked, info }).await;
        });
    }

    async fn sign_in(&mut self, credentials: Credentials) {
        // Only one handle may have an account's store, and it may be the same account.
        let before = match self.open.take() {
            Some(open) => {
                open.account.close().await;
                Some((open.account.info().key, open.started))
            }
            None => None,
        };
        let sign_in = SignIn {
            server: credentials.server,
            username: credentials.username,
            password: credentials.password,
            device_name: device_name(),
        };
        let result = match credentials.sign_up {
            None => self.home.sign_in(sign_in).await,
            Some(extras) => {
                let sign_up = SignUp {
                    display_name: extras.display_name,
                    invite: extras.invite,
                };
                self.home.sign_up(sign_in, sign_up).await
            }
        };
        let answer = match result {
            Ok(account) => {
                let answer = Ok(Box::new((account.info(), account.me())));
                self.open = Some(Open::new(account));
                answer
            }
            Err(error) => {
                if let Some((key, started)) = before {
                    self.reopen(&key, started);
                }
                Err(failure(&error))
            }
        };
        self.answer(Answer::SignedIn(answer)).await;
    }

    fn reopen(&mut self, key: &str, started: bool) {
        match self.home.open_account(key) {
            Ok(account) => {
                if started {
                    account.start();
                }
                let mut open = Open::new(account);
                open.started = started;
                self.open = Some(open);
            }
            Err(error) => tracing::error!(%error, "the account can't be opened again"),
        }
    }

    /// Lets the account rest, or erases it if it is said what becomes of its messages.
    async fn give_up(&mut self, password: Secret, erased: Option<ErasedMessages>) {
        let Some(open) = self.open.take() else { return };
        let (result, words) = match erased {
            None => (
                open.account.deactivate(password.0).await,
                "Your account rests. Signing in within 30 days takes it up again.",
            ),
            Some(messages) => (
                open.account.erase(password.0, messages).await,
                "Your account is erased.",
            ),
        };
        let answer = match result {
            Ok(()) => {
                open.account.close().await;
                Ok(words)
            }
            Err(error) => {
                self.open = Some(open);
                Err(failure(&error))
            }
        };
        self.answer(Answer::GivenUp(answer)).await;
    }

    async fn sign_out(&mut self) {
        let Some(open) = self.open.take() else { return };
        let result = open.account.sign_out(false).await;
        let answer = match result {
            Ok(()) => {
                open.account.close().await;
                Ok(())
            }
            Err(error) => {
                self.open = Some(open);
                Err(failure(&error))
            }
        };
        self.answer(Answer::SignedOut(answer)).await;
    }
}

/// An error as a sentence that can be drawn.
pub(crate) fn failure(error: &erc_client_core::Error) -> Failure {
    SafeText::line(&error.to_string())
}

/// What this session is called in the list of sessions.
pub(crate) fn device_name() -> String {
    let host = std::env::var("HOSTNAME")
        .ok()
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty());
    match host {
        Some(host) => format!("terminal on {host}"),
        None => "terminal".to_owned(),
    }
}
