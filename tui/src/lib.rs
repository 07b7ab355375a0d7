//! ERC Chat in a terminal: the client, and the commands for scripts.
//!
//! One way round: an [`event::Event`] changes the [`state::State`] ([`action::handle`]), which may
//! leave a [`command::Command`] for the [`worker`] (the only caller of client-core), whose answer
//! is the next event; after all that happened at once, [`view::draw`] paints the state, once.
//! Everything between an event and a frame is pure.

pub mod action;
pub mod app;
pub mod cli;
pub mod command;
pub mod event;
pub mod keymap;
pub mod layout;
pub mod state;
pub mod terminal;
pub mod theme;
pub mod view;
pub mod worker;
pub mod wrap;
