//! End to end: real servers, real clients, real programs.

#![cfg(test)]
