//! The window. One file a view; nothing is parsed or decided here.
