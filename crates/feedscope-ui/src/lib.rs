//! Window: draws a [`Scene`] and returns the user's requests as [`Command`]s.
//!
//! This layer uses no socket, no file and no clock; the app passes in everything that it shows.
//!
//! One pass of [`Window::show`] handles the shortcuts, draws the parts and returns the commands. Each part has a file:
//!
//! | part, from top to bottom | file |
//! |---|---|
//! | bar of the window | `top_bar` |
//! | layout of the panes | `tiles`, `pane_request` |
//! | one pane | `pane` |
//! | URL, state and buttons of a pane | `connection_bar` |
//! | path and stage of a file, in place of URL and state | `file_bar`, `file_scene` |
//! | saving in another format: dialog and message | `save` |
//! | button and message of a recording | `record`, `recording_scene` |
//! | message rate, states, statistics | `trace` |
//! | time under the pointer, for all panes | `time_cursor` |
//! | keys in an open menu, the focus after it, roles of its entries | `menu_focus` |
//! | filter field and chips | `filter_row`, `filter` |
//! | list of suggestions below a field | `suggestions` |
//! | lens of a feed: choice, chip and its menu | `lens` |
//! | answers of language models beside the rows | `assembled` |
//! | bars for finding and for going to a row | `find`, `jump` |
//! | rows, and hits below them | `lists`, `timeline`, `columns`, `field_columns` |
//! | line about several selected rows | `selection_line`, `row_copy` |
//! | lines of numbers over time | `plot` |
//! | sentences about fields that no record has | `lacking` |
//! | selected record | `inspector` |
//! | saved messages | `messages` |
//! | field for writing | `composer` |
//! | recordings of sessions | `session_recordings` |
//! | time bar of a recording | `replay_bar`, `replay_scene` |
//! | demo's panel and strip | `demo_panel`, `demo_strip` |
//! | confirmation of a copy, changes for screen readers | `toast`, `digest` |
//! | keys that wait for the next pass | `typed_ahead` |
//! | sheets over the window | `command_palette`, `help`, `options`, `path_dialog`, `second_opinion` |
//! | saved connections: list, form, question | `saved`, `ranking` |
//! | command lines of other programs in a field for a URL | `command_line` |
//! | files that are dragged over the window | `drop_target` |
//!
//! All parts share `theme` (colors, sizes, fonts), `words` (texts), `widgets` and `shortcuts` (commands with their keys).

mod activity;
mod annotations;
mod assembled;
mod columns;
mod command;
mod command_line;
mod command_palette;
mod composer;
mod connection_bar;
mod cure;
mod decoders;
mod demo_panel;
mod demo_scene;
mod demo_strip;
mod digest;
mod drop_target;
mod empty;
mod feed_names;
mod feed_source;
mod field_columns;
mod file_bar;
mod file_scene;
mod filter;
mod filter_row;
mod find;
mod focus_ring;
mod help;
mod ids;
mod inspector;
mod jump;
mod keeper;
mod lacking;
mod lens;
mod link_sheet;
mod lists;
mod menu_focus;
mod messages;
mod notices;
mod numbers;
mod offers;
mod options;
mod pane;
mod pane_request;
mod path_dialog;
mod path_field;
mod payload_text;
mod plot;
mod pointer;
mod ranking;
mod record;
mod recording_scene;
mod refused_typing;
mod replay_bar;
mod replay_scene;
mod row_copy;
mod save;
mod saved;
mod scene;
mod second_opinion;
mod selection_line;
mod session_recordings;
mod session_recordings_scene;
mod sheet_focus;
mod shortcuts;
mod side;
mod suggestions;
mod theme;
mod tiles;
mod time_cursor;
mod timeline;
mod toast;
mod top_bar;
mod trace;
mod typed_ahead;
mod widgets;
mod window;
mod words;

pub use annotations::{KeptMark, KeptNotes};
pub use columns::{Column, ColumnChoice, TimeForm};
pub use command::{
    Command, CopyProgram, FileCommand, FilePurpose, MessageCommand, NewFile, PaneCommand,
    RecordingCommand, RecordsCommand, SavedCommand, SettingCommand, TypedContent,
};
pub use demo_scene::{
    ActiveFault, ClientScene, DemoCommand, DemoComparison, DemoScene, MeasuredFeed, OfferedFault,
};
pub use feed_source::{FeedSource, FileSource, LiveSource};
pub use file_scene::{FileScene, FileStage};
pub use ids::{FeedId, PaneId};
pub use inspector::InspectorPlace;
pub use lens::{PayloadReading, ReadingTexts};
pub use messages::{AutomaticScene, MessageScene};
pub use pane::PaneSession;
pub use path_field::PathCheck;
pub use plot::PlotSession;
pub use recording_scene::{RecordingScene, RecordingStage};
pub use replay_scene::{ReplayAction, ReplayScene};
pub use save::{FormatScene, RowChoice, SavingScene, SavingStage};
pub use saved::{
    AskScene, AskSubject, AskedVariable, ConnectionForm, FoundSecret, SaveScene,
    SavedConnectionScene, SavedScene,
};
pub use scene::{FeedScene, PaneScene, Scene, once_each};
pub use session_recordings_scene::{
    InterruptedScene, SessionRecordingScene, SessionRecordingsAction, SessionRecordingsScene,
};
pub use side::SideSession;
pub use theme::{ground, install_fonts};
pub use tiles::{Layout, LayoutPart};
pub use typed_ahead::TypedAhead;
pub use window::{Window, WindowSession};
