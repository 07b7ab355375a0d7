//! The way to the server: requests, the socket, and how long to wait between tries.

pub(crate) mod address;
pub(crate) mod backoff;
pub(crate) mod rest;
pub(crate) mod socket;
