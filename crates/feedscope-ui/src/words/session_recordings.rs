//! Texts about the recordings of sessions.

use super::{bytes, count};
use crate::session_recordings_scene::{InterruptedScene, SessionRecordingScene};

/// Line about an interrupted recording.
pub(crate) const INTERRUPTED: &str = "Feedscope ended while it was recording";

/// Returns the line about an interrupted recording of panes: with the whole path, with the name of the file, and without it.
pub(crate) fn interrupted_recording(recording: &InterruptedScene) -> [String; 3] {
    let InterruptedScene { feeds, path, .. } = recording;
    let ended = format!("Recording of {feeds} ended when Feedscope was ended");
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    [
        format!("{ended}: {path}"),
        format!("{ended}: {name}"),
        ended,
    ]
}

/// Name of the button that removes a message about the whole window.
pub(crate) const REMOVE_NOTICE: &str = "Remove the message";

/// Name of the button that removes the message about an interrupted recording.
pub(crate) const KEEP_RECORDING: &str = "Keep the recording";

/// Returns the number of messages about the whole window.
pub(crate) fn notices(count: usize) -> String {
    super::counted(count as u64, "message")
}

/// Returns the first one of these messages, as far as there is room.
pub(crate) fn first_notice(text: &str, count: usize) -> String {
    match count {
        0 | 1 => text.to_owned(),
        count => format!("{}: {text}", notices(count)),
    }
}

/// Returns the name of the button that shows them whole.
pub(crate) fn show_notices(count: usize) -> String {
    match count {
        0 | 1 => "Show the message".to_owned(),
        count => format!("Show {}", notices(count)),
    }
}

/// Text in place of an empty list.
pub(crate) const NO_SESSIONS: &str = "No session has been recorded";

/// Returns the text of the switch that records every session.
pub(crate) fn record_sessions(limit: u64) -> String {
    format!(
        "Record every session, up to {} in total. The oldest ones are deleted first.",
        bytes(limit)
    )
}

/// Returns the time in the name of a session: `2026-11-27 02:48:00`.
pub(crate) fn session_time(name: &str) -> String {
    let time = name.trim_start_matches("session-");
    let parts = (
        time.get(..10),
        time.get(11..13),
        time.get(13..15),
        time.get(15..17),
    );
    match parts {
        (Some(date), Some(hours), Some(minutes), Some(seconds)) => {
            format!("{date} {hours}:{minutes}:{seconds}")
        }
        // The name is not one of Feedscope's own.
        _ => name.to_owned(),
    }
}

/// Returns the size and the state of a recording.
pub(crate) fn session_facts(recording: &SessionRecordingScene) -> String {
    let size = bytes(recording.bytes);
    if recording.is_running {
        format!("{size}, being recorded")
    } else if recording.was_interrupted {
        format!("{size}, interrupted")
    } else {
        size
    }
}

/// Returns the number of files that were deleted because of the limit.
pub(crate) fn deleted_sessions(files: u64, deleted: u64) -> String {
    let plural = if files == 1 { "" } else { "s" };
    let (files, size) = (count(files), bytes(deleted));
    format!("{files} older file{plural} with {size} were deleted because of the limit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_recording_has_its_feed_and_its_file() {
        let recording = InterruptedScene {
            mark: "1".to_owned(),
            path: "/home/a/Feedscope/ticks.feedscope".to_owned(),
            feeds: "ticks".to_owned(),
        };
        let [whole, short, shortest] = interrupted_recording(&recording);
        assert_eq!(
            whole,
            "Recording of ticks ended when Feedscope was ended: /home/a/Feedscope/ticks.feedscope"
        );
        assert_eq!(short, format!("{shortest}: ticks.feedscope"));
    }

    #[test]
    fn the_name_of_a_session_is_its_time() {
        let time = session_time("session-2026-11-27-024800-4711");
        assert_eq!(time, "2026-11-27 02:48:00");
        assert_eq!(session_time("session-x"), "session-x");
    }
}
