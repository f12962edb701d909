//! benhan-render
