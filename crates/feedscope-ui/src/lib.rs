//! Window: draws a [`Scene`] and returns the user's requests as [`Command`]s.
//!
//! This layer uses no socket, no file and no clock; the app passes in everything that it shows.
//!
//! One pass of [`Window::show`] handles the shortcuts, draws the parts and returns the commands. Each part has a file:
//!
//! | part, from top to bottom | file |
//! |---|---|
//! | bar of the window | `top_bar` |
//! | layout of the panes | `tiles`, `panes` |
//! | one pane | `pane` |
//! | URL, state and buttons of a pane | `connection_bar` |
//! | message rate, states, statistics | `trace` |
//! | filter field and chips | `filter_row`, `filter` |
//! | bars for finding and for going to a row | `find`, `jump` |
//! | rows, and hits below them | `lists`, `timeline`, `columns` |
//! | selected record | `inspector` |
//! | field for writing | `composer` |
//! | demo's panel and strip | `demo_panel`, `demo_strip` |
//! | sheets over the window | `help`, `options`, `second_opinion` |
//!
//! All parts share `theme` (colors, sizes, fonts), `words` (texts) and `widgets`.

mod activity;
mod columns;
mod composer;
mod connection_bar;
mod demo_panel;
mod demo_scene;
mod demo_strip;
mod empty;
mod filter;
mod filter_row;
mod find;
mod help;
mod inspector;
mod jump;
mod lists;
mod options;
mod pane;
mod panes;
mod payload_text;
mod pointer;
mod search;
mod second_opinion;
mod shortcuts;
mod theme;
mod tiles;
mod timeline;
mod top_bar;
mod trace;
mod widgets;
pub(crate) mod words;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use egui::{Rect, Ui, pos2};
use feedscope_analysis::filter::ParseContext;
use feedscope_core::feed::{FeedCommand, FeedSpec, FeedStatus};
use feedscope_core::store::Store;
use feedscope_core::{ConnectionState, Stamp, ThemeChoice};
use jiff::tz::TimeZone;
use url::Url;

use activity::Activity;
use demo_panel::{DemoPanel, Page};
use pane::PaneView;
use panes::PaneWish;
use theme::size;
use tiles::Tiles;

pub use columns::{Column, ColumnChoice, TimeForm};
pub use demo_scene::{
    ActiveFault, ClientScene, Comparison, DemoCommand, DemoScene, Latency, Measured, OfferedFault,
};
pub use filter::Values;
pub use search::{Hits, News, Search, Step};
pub use theme::{ground, install_fonts};

/// ID of a feed within a run. It is not used again for another feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FeedId(pub u32);

/// ID of a pane within a run. It is not used again for another pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaneId(pub u32);

/// Pane of the window, which shows one view of a feed.
#[derive(Clone)]
pub struct PaneScene {
    /// ID of the pane.
    pub id: PaneId,
    /// Feed in this pane, if it has one. Several panes may show the same feed.
    pub feed: Option<FeedScene>,
}

/// Feed as the window shows it.
#[derive(Clone)]
pub struct FeedScene {
    /// ID of the feed.
    pub id: FeedId,
    /// URL and options of the feed.
    pub spec: Arc<FeedSpec>,
    /// Status at the start of the pass.
    pub status: Arc<FeedStatus>,
    /// Records of the feed.
    pub store: Store,
}

/// Everything that the window shows in one pass.
pub struct Scene<'a> {
    /// Panes in the order in which they were opened.
    pub panes: &'a [PaneScene],
    /// The demo server, if it runs.
    pub demo: Option<DemoScene>,
    /// URLs that an empty pane offers: the demo's own feeds.
    pub examples: &'a [String],
    /// Recent URLs, newest first.
    pub recent: &'a [String],
    /// The time of this pass.
    pub now: Stamp,
    /// Time zone of local times.
    pub time_zone: &'a TimeZone,
    /// Message about the whole window, such as a settings file that does not parse.
    pub notice: Option<&'a str>,
}

impl Scene<'_> {
    /// Returns the feed that a pane shows.
    pub fn feed_of(&self, pane: PaneId) -> Option<&FeedScene> {
        self.panes.iter().find(|it| it.id == pane)?.feed.as_ref()
    }

    /// Returns every feed once, in the order of the panes.
    pub fn feeds(&self) -> impl Iterator<Item = &FeedScene> {
        once_each(self.panes)
    }
}

/// Returns the feeds of these panes, each once.
pub fn once_each(panes: &[PaneScene]) -> impl Iterator<Item = &FeedScene> {
    let shown = |pane: &PaneScene| pane.feed.as_ref().map(|feed| feed.id);
    panes.iter().enumerate().filter_map(move |(i, pane)| {
        let feed = pane.feed.as_ref()?;
        let is_first = !panes[..i].iter().any(|it| shown(it) == Some(feed.id));
        is_first.then_some(feed)
    })
}

/// Request of the user. `app::command` carries it out after the pass has been drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Sends a command to a feed.
    Feed(FeedId, FeedCommand),
    /// Points a pane to another URL and connects. The former feed ends if no other pane shows it.
    ConnectTo {
        /// Pane to point.
        pane: PaneId,
        /// New URL.
        url: Url,
    },
    /// Connects a pane's feed with other options, in every pane that shows it. The former feed ends.
    ConnectWith {
        /// Pane whose feed changes.
        pane: PaneId,
        /// URL and options of the new feed.
        spec: Box<FeedSpec>,
    },
    /// Opens another pane: a second view of a feed, which opens no second connection, or a pane without a feed.
    OpenPane(Option<FeedId>),
    /// Closes a pane. Its feed ends if no other pane shows it.
    ClosePane(PaneId),
    /// Clears a feed's records.
    Clear(FeedId),
    /// Sends a command to the demo server.
    Demo(DemoCommand),
    /// Changes the theme, also in the settings.
    SetTheme(ThemeChoice),
    /// Shows UTC instead of local time, also in the settings.
    SetUtc(bool),
    /// Saves the visible columns and their widths. The window uses them already.
    KeepColumns(ColumnChoice),
    /// Closes the notice.
    DismissNotice,
}

/// State of the window itself: open, selected and scrolled parts, but no received data.
pub struct Window {
    theme: ThemeChoice,
    /// Times are shown in UTC instead of local time.
    utc: bool,
    /// State of each pane's view.
    panes: BTreeMap<PaneId, PaneView>,
    /// Layout of the panes.
    tiles: Tiles,
    /// Pane that receives the keys.
    focused: PaneId,
    activity: Activity,
    help_open: bool,
    /// Pane whose closing the user has to confirm.
    closing: Option<PaneId>,
    demo_panel: DemoPanel,
    /// Columns of all timelines, in a cell because they can be resized while they are drawn.
    columns: Cell<ColumnChoice>,
}

impl Window {
    /// Creates a window without panes.
    pub fn new(theme: ThemeChoice, utc: bool) -> Self {
        Self {
            theme,
            utc,
            panes: BTreeMap::new(),
            tiles: Tiles::default(),
            focused: PaneId::default(),
            activity: Activity::default(),
            help_open: false,
            closing: None,
            demo_panel: DemoPanel::default(),
            columns: Cell::default(),
        }
    }

    /// Switches the theme.
    pub fn set_theme(&mut self, ctx: &egui::Context, theme: ThemeChoice) {
        self.theme = theme;
        theme::set_theme(ctx, theme);
    }

    /// Sets the columns of the timelines.
    pub fn set_columns(&mut self, columns: ColumnChoice) {
        self.columns.set(columns);
    }

    /// Shows UTC or local time.
    pub fn set_utc(&mut self, utc: bool) {
        self.utc = utc;
    }

    /// Returns true if the list of the demo server's clients is open.
    pub fn shows_clients(&self) -> bool {
        self.demo_panel.page() == Some(Page::Clients)
    }

    /// Returns true if the comparison of both protocols is open.
    pub fn shows_comparison(&self) -> bool {
        self.demo_panel.page() == Some(Page::Compare)
    }

    /// Draws the window and returns the user's commands in order.
    pub fn show(&mut self, ui: &mut Ui, scene: &Scene<'_>) -> Vec<Command> {
        let mut commands = Vec::new();
        self.keep_up(ui, scene);
        pointer::accept_long_clicks(ui);
        self.focused = self.activity.pressed(ui).unwrap_or(self.focused);
        // Shortcuts come before the widgets, so that a focused widget does not take the keys.
        shortcuts::obey(ui, self, scene, &mut commands);
        let window = ui.max_rect();

        // Each bar cuts its strip off the area, and the panes get the rest.
        let mut area = window;
        let top = take_top(&mut area, size::TOP_BAR);
        if top_bar::show(ui, top, self, &mut commands) {
            self.fulfill(PaneWish::Open(self.roomiest(), None), scene, &mut commands);
        }
        if let Some(notice) = scene.notice {
            top_bar::notice(ui, take_top(&mut area, size::BANNER), notice, &mut commands);
        }
        if let Some(demo) = scene.demo.as_ref().filter(|demo| !demo.hidden) {
            self.show_demo(ui, &mut area, window, scene, demo, &mut commands);
        }
        if area.height() > 0.0 {
            self.show_panes(ui, area, window, scene, &mut commands);
        }
        self.show_closing(ui, scene, &mut commands);
        if self.help_open {
            let wish = help::show(ui, scene.demo.is_some());
            self.help_open = wish == help::Wish::Stay;
            if wish == help::Wish::Tour {
                commands.push(Command::Demo(DemoCommand::Show(true)));
                self.demo_panel.open(Page::Tour);
            }
        }
        if let Some(pane) = self.activity.focused(ui) {
            self.focused = pane;
            ui.ctx().request_repaint();
        }
        commands
    }

    /// Draws the demo's strip at the bottom of `area`, and its panel above the strip.
    fn show_demo(
        &mut self,
        ui: &mut Ui,
        area: &mut Rect,
        window: Rect,
        scene: &Scene<'_>,
        demo: &DemoScene,
        commands: &mut Vec<Command>,
    ) {
        let edge = area.bottom() - size::DEMO_STRIP;
        let strip = Rect::from_min_max(pos2(area.left(), edge), area.max);
        area.set_bottom(edge);
        // Only stacked panes share the height of the window.
        let stacked = if window.height() < size::TABS_BELOW || window.width() >= size::STACK_BELOW {
            1
        } else {
            scene.panes.len()
        };
        demo_strip::show(
            ui,
            strip,
            demo,
            self.focused,
            &mut self.demo_panel,
            commands,
        );
        if let Some(rect) = self.demo_panel.take_place(area, stacked, demo) {
            let place = demo_panel::Place {
                rect,
                demo,
                focused: self.focused,
                zone: if self.utc {
                    &TimeZone::UTC
                } else {
                    scene.time_zone
                },
            };
            self.demo_panel.show(ui, &place, commands);
        }
    }

    /// Draws the panes in the user's layout. In a narrow window they are stacked, in a low one they are tabs.
    fn show_panes(
        &mut self,
        ui: &mut Ui,
        area: Rect,
        window: Rect,
        scene: &Scene<'_>,
        commands: &mut Vec<Command>,
    ) {
        let zone = if self.utc {
            &TimeZone::UTC
        } else {
            scene.time_zone
        };
        let order = self.tiles.order();
        let count = order.len();
        let mut wishes = Vec::new();
        let mut drawing = tiles::Drawing {
            views: &mut self.panes,
            scene,
            area,
            focused: &mut self.focused,
            wishes: &mut wishes,
            now: scene.now.moment,
            zone,
            columns: &self.columns,
            context: ParseContext {
                zone_offset_seconds: words::offset_seconds(scene.now.utc, zone),
            },
            tab_width: 0.0,
            drawn: Vec::new(),
            front: None,
            commands,
        };
        // A window that is too low for its stacked panes shows tabs, too.
        let narrow = window.width() < size::STACK_BELOW;
        let low = window.height() < size::TABS_BELOW
            || (narrow && area.height() < size::LEAST_STACKED * count as f32);
        if low && count > 1 {
            drawing.show_alone(ui, &order);
        } else if narrow {
            drawing.show_stacked(ui, &order);
        } else {
            self.tiles.show(ui, area, &mut drawing);
        }
        self.activity.note_drawn(drawing.drawn);
        // The tree of tiles is borrowed while it is drawn, so that requests to change it are handled here.
        for wish in wishes {
            self.fulfill(wish, scene, commands);
        }
    }

    /// Returns the searches that the views need. The app runs them on another thread.
    pub fn searches(&self) -> Vec<Search> {
        self.panes.values().flat_map(PaneView::searches).collect()
    }

    /// Returns the time until the next pass that a visible clock or countdown requires, if there is one.
    pub fn wants_repaint_in(&self, scene: &Scene<'_>) -> Option<Duration> {
        /// Interval while a countdown or a turning arc is visible.
        const COUNTDOWN: Duration = Duration::from_millis(100);
        /// Interval while only seconds are counted.
        const SILENT: Duration = Duration::from_secs(1);
        let refusing = scene
            .demo
            .as_ref()
            .is_some_and(|demo| demo.refusing_for.is_some());
        let feeds = scene.feeds().map(|feed| match feed.status.state {
            ConnectionState::Connecting
            | ConnectionState::Reconnecting
            | ConnectionState::Closing => Some(COUNTDOWN),
            ConnectionState::Open => Some(SILENT),
            ConnectionState::Idle | ConnectionState::Closed | ConnectionState::Failed => None,
        });
        let demo = [
            refusing.then_some(SILENT),
            self.demo_panel.wants_repaint_in(),
        ];
        feeds.chain(demo).flatten().min()
    }
}

/// Cuts a strip off the top of `area` and returns it.
fn take_top(area: &mut Rect, height: f32) -> Rect {
    let strip = Rect::from_min_max(area.min, pos2(area.right(), area.top() + height));
    area.set_top(strip.bottom());
    strip
}
