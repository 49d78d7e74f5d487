//! The WebSocket message layer: by cases (`cases/web_socket/*.toml`: frames in, items out, a named case per rule), by
//! properties that hold however any bytes are cut, by what compression must and must not do, and beside tungstenite's
//! own message layer.

#[path = "support/case_files.rs"]
mod case_files;
#[path = "web_socket/cases.rs"]
mod cases;
#[path = "web_socket/compression.rs"]
mod compression;
#[path = "web_socket/item.rs"]
mod item;
#[path = "web_socket/long.rs"]
mod long;
#[path = "support/pieces.rs"]
mod pieces;
#[path = "web_socket/properties.rs"]
mod properties;
#[path = "web_socket/reference.rs"]
mod reference;
#[path = "web_socket/tungstenite_layer.rs"]
mod tungstenite_layer;
#[path = "web_socket/wire.rs"]
mod wire;
