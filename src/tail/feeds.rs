//! Feeds of a run: each one is connected with the sink that the output of the run needs.

use std::io;
use std::sync::Arc;

use feedscope_analysis::lenses::FeedAddress;
use feedscope_analysis::measures::MeasuredFields;
use feedscope_core::feed::FeedCommand;
use feedscope_core::protocol::Protocol;
use feedscope_core::record::{MaskingSink, Sink};
use feedscope_core::url_text::masked;
use feedscope_net::{FeedHandle, Net};

use super::automatic::Player;
use super::columns::TextColumns;
use super::count_sink::{CountSink, Totals};
use super::line_sink::LineSink;
use super::measure_sink::MeasureSink;
use super::outlet::Outlet;
use super::text::TextForm;
use super::watch::{Reporter, RunWatch};
use crate::plan::{FeedPlan, RecordPlan, RunOutput};
use crate::reading::RunReading;
use crate::record::{RecordedSink, RecordingSink};
use crate::stats::FeedMeasures;
use crate::typed_filter::TypedFilter;

/// One feed of a run.
pub(super) struct RunningFeed {
    pub(super) handle: Arc<FeedHandle>,
    pub(super) protocol: Protocol,
    /// Name of the feed on standard error.
    pub(super) label: String,
    /// True after the failure of this feed was reported.
    pub(super) is_reported: bool,
    /// Number of the newest connection whose slow answer was reported.
    pub(super) slow_connection: Option<u32>,
    /// Description of the wait for an answer, if the end of the run interrupted it.
    pub(super) unanswered: Option<String>,
}

/// Name of a feed on standard error: its URL without secrets.
pub(super) fn label(feed: &FeedPlan) -> String {
    let url = masked(&feed.spec.url);
    feed.secrets.mask_text(&url).into_owned()
}

/// Values that the sinks of a run share.
pub(super) struct Sinks<'a> {
    pub(super) watch: &'a Arc<RunWatch>,
    pub(super) outlet: &'a Arc<Outlet>,
    pub(super) totals: Option<&'a Arc<Totals>>,
    pub(super) measures: Option<&'a [FeedMeasures]>,
    pub(super) filter: Option<&'a TypedFilter>,
    pub(super) fields: &'a MeasuredFields,
    pub(super) columns: Option<&'a TextColumns>,
    pub(super) reading: &'a RunReading,
    pub(super) output: RunOutput,
    pub(super) record: Option<&'a RecordPlan>,
}

impl Sinks<'_> {
    pub(super) fn open(
        &self,
        net: &Net,
        plan: &FeedPlan,
        index: usize,
        name: Option<String>,
        names: &[String],
        writer: Option<RecordedSink>,
    ) -> io::Result<RunningFeed> {
        let player = Player::new(&plan.automatic);
        let address = FeedAddress::of(&plan.spec);
        let reading = self.reading.of_feed(plan);
        let filter = self.filter.cloned();
        let record = writer.map(|writer| (writer, self.record));
        let start = |sink: Box<dyn Sink>| start(net, plan, player.clone(), sink, record);
        let reporter = Reporter::new(Arc::clone(self.watch), index);
        let measures = self.measures.and_then(|feeds| feeds.get(index));
        let handle = match (self.totals, self.output) {
            _ if let Some(feed) = measures => {
                start(Box::new(MeasureSink::new(feed.clone(), reporter)))
            }
            (Some(totals), _) => {
                let sink = CountSink::new(Arc::clone(totals), filter, reporter);
                start(Box::new(sink.with_reading(&reading, &address)))
            }
            (None, RunOutput::Text) => {
                // The column of the names is as wide as the longest name of the run.
                let width = names
                    .iter()
                    .map(|name| name.chars().count())
                    .max()
                    .unwrap_or(0);
                let form = TextForm::new(name, width).with_columns(self.columns.cloned());
                let sink = LineSink::text(form, Arc::clone(self.outlet), filter, reporter);
                let sink = sink.with_sequence(self.fields);
                start(Box::new(sink.with_reading(&reading, &address)))
            }
            (None, _) => {
                let sink = LineSink::json(name, Arc::clone(self.outlet), filter, reporter);
                let sink = sink.with_sequence(self.fields);
                start(Box::new(sink.with_reading(&reading, &address)))
            }
        };
        let handle = Arc::new(handle);
        if let Some(player) = player {
            player.start(&handle, net.clock())?;
        }
        Ok(RunningFeed {
            handle,
            protocol: plan.spec.protocol(),
            label: label(plan),
            is_reported: false,
            slow_connection: None,
            unanswered: None,
        })
    }
}

/// Opens a feed and connects it. No wake function is needed, because the sink reports every transition itself.
///
/// The records also go to a store, if they are recorded.
fn start(
    net: &Net,
    plan: &FeedPlan,
    player: Option<Player>,
    sink: Box<dyn Sink>,
    recording: Option<(RecordedSink, Option<&RecordPlan>)>,
) -> FeedHandle {
    let masking = |sink| MaskingSink::new(sink, plan.secrets.clone());
    let sink: Box<dyn Sink> = match recording {
        None => Box::new(masking(sink)),
        Some((writer, record)) => {
            if record.is_some_and(|record| record.keeps_secrets) {
                // Only the recording contains the values of variables.
                Box::new(RecordingSink::new(writer, masking(sink)))
            } else {
                Box::new(masking(Box::new(RecordingSink::new(writer, sink))))
            }
        }
    };
    let sink = Player::watch(player, sink);
    let handle = net.open(plan.spec.clone(), sink, || {});
    handle.command(FeedCommand::Connect);
    handle
}
