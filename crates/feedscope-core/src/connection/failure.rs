//! Why an attempt or a connection failed: what code decides on, and the sentence that people read. It never looks at a
//! policy.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::http_status::{meaning, reason_phrase};

