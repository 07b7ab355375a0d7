//! Catching up and staying up to date: frames in, changes of the cache and questions out.
//!
//! [`engine`] decides and knows neither socket nor store; [`change`] is what it decides;
//! [`apply`] carries that out, in one transaction; [`reread`] what an older build could not read.

pub(crate) mod apply;
pub(crate) mod change;
pub(crate) mod engine;
pub(crate) mod reread;
pub(crate) mod salvage;

#[cfg(test)]
mod tests;
