//! benhan-pacs-bridge
