//! HTTP stack under both protocols: clients, requests, redirects, and the meaning of their errors. It does not read a
//! feed. The transports handle everything after the head of an answer.

pub(crate) mod answer;
mod ask;
pub(crate) mod body;
pub(crate) mod client;
mod connect;
pub(crate) mod cookies;
mod environment;
pub(crate) mod established;
pub(crate) mod exchange;
pub(crate) mod failure;
mod go_away;
mod head;
pub(crate) mod headers;
pub(crate) mod negotiated;
mod no_proxy;
mod observed;
mod opening;
mod page;
pub(crate) mod redirect;
mod resolve;
pub(crate) mod route;
pub(crate) mod tls;
mod wire;

pub(crate) use body::Body;
pub(crate) use client::Clients;
pub(crate) use cookies::CookieJar;
pub(crate) use negotiated::Negotiated;
