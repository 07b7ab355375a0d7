//! Everything the client knows, as plain data: what the views draw and the actions change.
//!
//! Nothing here does I/O. What must be done outside (asking client-core, the clipboard, the bell)
//! is left as [`Command`]s and [`Effect`]s for the loop to take.

pub mod body;
pub mod chat;
pub mod composer;
pub mod input;
pub mod loadable;
pub mod overlay;
pub mod picker;
pub mod room_list;
pub mod rows;
pub mod scroll;
pub mod sign_in;
pub mod why;
pub mod window;

use erc_client_core::view::AccountInfo;

use crate::{command::Command, keymap::Context};

pub use chat::{Chat, Focus, Goal, Notice, OpenRoom};
pub use composer::Composer;
pub use input::Input;
pub use loadable::Loadable;
pub use overlay::Overlay;
pub use sign_in::SignInForm;

/// The size of the terminal in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub width: u16,
    pub height: u16,
}

/// What the loop does for the state besides asking client-core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Put text on the clipboard of the terminal (OSC 52).
    Copy(String),
    /// Ring.
    Bell,
    /// Draw everything afresh, as if nothing were on the screen.
    Redraw,
}

/// The state.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each acted on by itself"
)]
pub struct State {
    pub size: Size,
    /// Whether the terminal has the keyboard. Messages count as read only then.
    pub focused: bool,
    /// There was no key for long, and client-core was told.
    pub idle: bool,
    /// The account that is open, if any.
    pub account: Option<AccountInfo>,
    pub screen: Screen,
    /// The chat behind the sign-in screen, while somebody signs in again.
    pub parked: Option<Box<Chat>>,
    /// The help, over everything.
    pub help: Option<Help>,
    /// Set once: the loop ends.
    pub quit: bool,
    /// Ctrl-C was pressed; once more ends.
    pub quit_armed: bool,
    commands: Vec<Command>,
    effects: Vec<Effect>,
}

/// The keys of where one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Help {
    pub of: Context,
    /// Lines scrolled away at the top.
    pub scroll: u16,
}

/// What fills the terminal.
#[derive(Debug)]
pub enum Screen {
    SignIn(Box<SignInForm>),
    Chat(Box<Chat>),
}

impl State {
    /// Nobody is signed in: asks.
    pub fn signed_out(size: Size, form: SignInForm) -> Self {
        Self::with_screen(size, None, Screen::SignIn(Box::new(form)))
    }

    /// An account was opened from disk: reads its rooms, then connects.
    pub fn opened(size: Size, account: AccountInfo, me: erc_client_core::view::Me) -> Self {
        let mut state =
            Self::with_screen(size, Some(account), Screen::Chat(Box::new(Chat::new(me))));
        state.ask(Command::LoadRooms);
        state.ask(Command::LoadPresence);
        state.ask(Command::LoadModeration);
        state.ask(Command::LoadEmoji);
        state
    }

    fn with_screen(size: Size, account: Option<AccountInfo>, screen: Screen) -> Self {
        Self {
            size,
            focused: true,
            idle: false,
            account,
            screen,
            parked: None,
            help: None,
            quit: false,
            quit_armed: false,
            commands: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// Leaves something for client-core to do.
    pub fn ask(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// Leaves something for the loop to do.
    pub fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// What was left since the last time.
    pub fn take_commands(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.commands)
    }

    /// What was left since the last time.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The chat, unless somebody is signing in.
    pub fn chat(&self) -> Option<&Chat> {
        match &self.screen {
            Screen::Chat(chat) => Some(chat),
            Screen::SignIn(_) => None,
        }
    }

    /// The chat, to change it.
    pub fn chat_mut(&mut self) -> Option<&mut Chat> {
        match &mut self.screen {
            Screen::Chat(chat) => Some(chat),
            Screen::SignIn(_) => None,
        }
    }
}
