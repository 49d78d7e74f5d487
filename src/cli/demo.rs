//! Arguments of `demo`.

use clap::Args;

use super::{help, value};
use crate::plan::DemoPlan;

#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// The port of the HTTP side; any free one if not given
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    port: u16,

    /// Simulate this fault from the start, for every feed or for one; may be given several times
    #[arg(long = "fault", value_name = "NAME[@/FEED]", value_parser = value::faults, long_help = help::fault())]
    faults: Vec<value::FaultList>,
}

impl DemoArguments {
    pub(super) fn plan(self) -> DemoPlan {
        let faults = self
            .faults
            .into_iter()
            .flat_map(|value::FaultList(faults)| faults);
        DemoPlan {
            port: self.port,
            faults: faults.collect(),
        }
    }
}
