//! The service class provider: listens, admits, and answers C-ECHO, C-STORE and worklist C-FIND.

mod association;
mod discard;
mod ended;
mod find;
mod listener;
mod negotiate;
mod seats;
mod store;
mod wire;

pub(crate) use listener::listen;
