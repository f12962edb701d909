//! The bridge from outside: real sockets, real files, third-party tools and scripted peers.

mod support;

mod dcmtk;
mod deliveries;
mod durability;
mod hostile;
mod memory;
mod pixels;
mod worklist;
