//! The server from outside: its store on both databases, its routes, its socket.

mod accounts;
mod gateway;
mod harness;
mod messages;
mod requests;
mod resume;
mod rooms;
mod store;
