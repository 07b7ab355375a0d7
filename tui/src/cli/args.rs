//! What the command line takes, and what its help says.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Chat with your community, in the terminal.
///
/// Without a command, opens the client: your rooms, their messages, a field to write in. F1 shows
/// the keys of where you are, Ctrl-K goes anywhere, Ctrl-Q leaves. What you wrote and could not
/// send yet is kept and sent when the server can be reached.
///
/// The commands are for scripts: they print only what was asked for, and say by their exit code
/// how it went.
#[derive(Debug, Parser)]
#[command(name = "erc", version, after_help = AFTER, max_term_width = 90)]
pub(super) struct Cli {
    /// The account to use: its key or user name as `erc accounts` prints them [default: the one
    /// used last]
    #[arg(long, global = true, value_name = "KEY")]
    pub(super) account: Option<String>,

    /// The folder of this machine's accounts [default: the system's folder for data]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "ERC_HOME",
        hide_env_values = true
    )]
    pub(super) home: Option<PathBuf>,

    /// Draw lines and signs without Unicode
    #[arg(long)]
    pub(super) ascii: bool,

    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

const AFTER: &str = "\
Exit codes:
  0  done
  1  refused: by the server, by this machine's store, or because of what was given
  2  the command line was not understood
  3  the server can't be reached
  4  not signed in

Environment:
  ERC_HOME   the folder of this machine's accounts
  ERC_THEME  dark or light, if the client should not guess
  ERC_IDLE_MINUTES
             minutes without a key after which others see that you are away [default: 10; 0: never]
  ERC_LOG    what goes into erc.log in that folder, such as debug
  NO_COLOR   any value: no colours";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Sign in to a server, or up
    ///
    /// Asks for what is not given. The password never stands on the command line: it is asked for,
    /// or read from standard input.
    Login(Login),
    /// Sign out; what is on this machine stays readable
    Logout {
        /// Remove this account's messages from this machine, too. What was not sent is lost
        #[arg(long)]
        forget: bool,
    },
    /// The accounts on this machine, the one used last first
    Accounts {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// The rooms you are in, newest activity first
    Rooms {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Send a message
    ///
    /// Prints nothing if it worked: the server has the message then. Works while the client is
    /// open.
    #[command(after_help = "Examples:
  erc send general The build is green
  make 2>&1 | tail -5 | erc send ops
  erc send @ada 'lunch?'")]
    Send(Send),
    /// Print messages as they come
    ///
    /// Goes on when the link is cut, and prints what came meanwhile: each message once, in order.
    Tail(Tail),
    /// Search messages: on this machine, and on the server if it can be reached
    ///
    /// Words find parts of words too, whatever their case and accents. Filters narrow down:
    /// from:name in:room has:link before:2026-01-31 after:yesterday on:today is:reply mentions:me.
    /// Works while the client is open.
    #[command(
        after_help = "Example:\n  erc search meeting from:ada after:2026-01-01\n  erc search -- '\"at six\"' -dinner"
    )]
    Search(Search),
    /// Write a room's messages, or everything about yourself, into a file
    ///
    /// Everything that you may see of the room, oldest first, from the server; if it can't be
    /// reached, what is on this machine, and how much is missing. The file takes its name when it
    /// is whole, and never that of one that is there. Prints its path. Works while the client is
    /// open.
    #[command(after_help = "Examples:
  erc export general
  erc export general --format markdown --since 2026-01-01 -o january.md
  erc export @ada --format json -o - | jq '.messages | length'
  erc export --me")]
    Export(Export),
    /// Print the manual page (of a command)
    #[command(after_help = "Example:\n  erc man | man -l -")]
    Man {
        /// The command
        command: Option<String>,
    },
    /// Print completions for a shell
    #[command(
        after_help = "Example:\n  erc completions bash > ~/.local/share/bash-completion/completions/erc"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub(super) struct Login {
    /// The server, such as chat.example.org
    pub(super) server: Option<String>,
    /// The user name
    #[arg(long, value_name = "NAME")]
    pub(super) user: Option<String>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    pub(super) password_stdin: bool,
    /// Sign up instead of in
    #[arg(long)]
    pub(super) register: bool,
    /// The code of an invite, where signing up needs one
    #[arg(long, value_name = "CODE", requires = "register")]
    pub(super) invite: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Send {
    /// Where to: a room's name or id, or @somebody
    pub(super) room: String,
    /// The text; from standard input if it is not given, or -
    pub(super) text: Vec<String>,
    /// Print the message as the server has it, as JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Tail {
    /// The rooms: names, ids or @somebody [default: all]
    pub(super) rooms: Vec<String>,
    /// One JSON object a line: {"event": "message" | "changed" | "connected" | "lost", "data": …}
    #[arg(long)]
    pub(super) json: bool,
    /// Begin with so many earlier messages of each room
    #[arg(
        short = 'n',
        long = "lines",
        value_name = "COUNT",
        default_value_t = 10
    )]
    pub(super) count: u32,
}

#[derive(Debug, Args)]
pub(super) struct Search {
    /// Words that a message must hold, and filters
    #[arg(required = true)]
    pub(super) words: Vec<String>,
    /// One JSON object a line
    #[arg(long)]
    pub(super) json: bool,
    /// At most so many, newest first
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 50)]
    pub(super) limit: u32,
    /// Only the messages on this machine: asks no server
    #[arg(long)]
    pub(super) here: bool,
}

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of a command line are independent of each other"
)]
pub(super) struct Export {
    /// The room: its name or id, or @somebody
    #[arg(required_unless_present = "me", conflicts_with = "me")]
    pub(super) room: Option<String>,
    /// Instead: everything that the server holds of you, as JSON. Once in an hour
    #[arg(long, conflicts_with_all = ["format", "since", "until", "here"])]
    pub(super) me: bool,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Html)]
    pub(super) format: Format,
    /// Only what was sent at this time or later: 2026-01-31, 2026-01-31T12:00
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<String>,
    /// Only what was sent before this time
    #[arg(long, value_name = "TIME")]
    pub(super) until: Option<String>,
    /// Where to; - is standard output [default: a file called as the room, in this folder]
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<String>,
    /// Replace a file that is there
    #[arg(long)]
    pub(super) force: bool,
    /// Only the messages on this machine: asks no server
    #[arg(long)]
    pub(super) here: bool,
    /// Print what became of it as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// A format of exports.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Format {
    /// One page, to be read and printed
    Html,
    Markdown,
    /// Everything, to be read back
    Json,
}
