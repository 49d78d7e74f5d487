//! Longer texts of `--help`, which document the command line. The texts of single options are beside the options.

pub(super) const ABOUT: &str =
    "An oscilloscope for live feeds: Server-Sent Events and WebSocket, seen as they arrive";

pub(super) const LONG_ABOUT: &str = "\
An oscilloscope for live feeds: a window that connects to any Server-Sent Events or WebSocket URL and shows what
arrives, how the connection fares, and what was lost.

Without a URL it opens the last window again, and at the first start the demo: a ticker and a chat on an embedded
server, whose connections you can break. With no display the same feeds are shown as text on standard output.";

pub(super) const USAGE: &str = "\
feedscope [OPTIONS] [URL|NAME]...  the window; no URL: the last window, or the demo
       feedscope tail [OPTIONS] <URL>...  feeds on standard output
       feedscope stats [OPTIONS] <URL>... measures of feeds
       feedscope convert [OPTIONS] <IN>... <OUT>  files in other formats
       feedscope connections [OPTIONS]    saved connections
       feedscope record [OPTIONS] <URL>... -O <FILE>
                                          feeds to a file
       feedscope serve [OPTIONS] <FILE>...
                                          a recording as a server
       feedscope demo [OPTIONS]           the demo server alone";

pub(super) const SEE_LONG: &str = "`--help` has more details and examples.";

pub(super) const AFTER: &str = "\
Examples:
  feedscope                                        the last window; at the first start the demo
  feedscope localhost:8080/events ws://localhost:8081/chat
  feedscope -H 'Authorization: Bearer ${TOKEN}' https://api.example.com/stream
  feedscope --demo --duration 5 --screenshot demo.png --report demo.json

Files:
  settings.toml in the folder `feedscope` of the configuration folder ($XDG_CONFIG_HOME, else ~/.config, on Linux):
  theme, window size, the last URLs; budget = \"1G\" and disk_history = \"8G\" hold for every run.
  connections.toml in the same folder: feeds with their headers, messages and heartbeats, opened by name.
  `feedscope connections --example` prints an example.
  session.json in the folder `feedscope` of the folder for state (~/.local/state): the last window.
  Older records on disk (--disk-history) are in the folder `feedscope` of the cache folder, in files without a name.

Environment:
  HTTP_PROXY, HTTPS_PROXY, ALL_PROXY   proxies, also in lower case; never used for loopback
  NO_PROXY                             hosts reached without a proxy: example.com (and all names under it),
                                       *.example.com, host:port, 10.0.0.0/8, or * for all, with commas between
  SSL_CERT_FILE, SSL_CERT_DIR          a file, and folders, of authorities (PEM) to trust in place of the system's
  SSLKEYLOGFILE                        a file for the keys of TLS connections, as Wireshark reads them

Exit status:
  0    ended as asked
  1    a feed failed or was never open (without a window), or the demo server could not start
  2    wrong usage, or a text that is not a URL
  130  interrupted (Ctrl-C)
  143  terminated";

pub(super) const TAIL_LONG_ABOUT: &str = "\
Show feeds on standard output, a line of JSON for each record, written as it arrives.

Every line has `at` (UTC), `connection` (numbered from 1), `kind`, and, where several feeds are shown, `feed`: a short
name, the same throughout the run. What else it has depends on the kind:

  state          state (connecting, open, reconnecting, closing, closed, failed), attempt, reconnects, delay_ms,
                 status, reason
  event          event (its type), id (the last event ID), data
  comment        data
  line           data: a line of a source that is read by lines
  retry          ms
  text           direction (in, out), data
  binary         direction, data_base64
                 data_base64 stands in place of data, for any kind, where the bytes are not UTF-8
                 both of these: frames, where there was more than one; compressed_bytes, what a compressed message
                 took on the wire; failed, why one never went out
  ping, pong     direction, data_base64; rtt_ms on pongs that answer one of ours
  close          direction, code, reason
  gap            missing, repeated, from, to: events that were lost or repeated when the feed reconnected
                 with --sequence also for its numbers: out_of_order, field, key
  note           code, text
  assembled      with --assembled, in place of the parts of an answer: lens, complete, text and others
  summary        events, bytes, seconds: the only line of --count-only

With --decode or --lens, a line has `read`: the decoded data, and what the lens reads in it, or the error.
Readers ignore fields and kinds that they do not know.";

pub(super) const TAIL_AFTER: &str = "\
Examples:
  feedscope tail https://stream.wikimedia.org/v2/stream/recentchange
  feedscope tail localhost:8080/events --duration 5 -o text
  feedscope tail localhost:8080/events -o text --columns time,.symbol,.price
  feedscope tail ws://localhost:8081/echo --send hello --duration 2
  feedscope tail ws://localhost:8081/chat --send - < lines.txt
  feedscope tail localhost:8080/events --max-reconnects 0 | jq -r 'select(.kind == \"event\").data'
  feedscope tail 'localhost:8080/flood?n=1000000' --reconnect never --count-only
  feedscope tail localhost:8080/events --second-opinion eventsource-client --duration 5
  ssh host feedscope tail localhost:8080/events | feedscope tail - -o text
  feedscope tail capture.feedscope -o text

Environment:
  HTTP_PROXY, HTTPS_PROXY, ALL_PROXY   proxies, also in lower case; never used for loopback
  NO_PROXY                             hosts reached without a proxy: example.com (and all names under it),
                                       *.example.com, host:port, 10.0.0.0/8, or * for all, with commas between
  SSL_CERT_FILE, SSL_CERT_DIR          a file, and folders, of authorities (PEM) to trust in place of the system's
  SSLKEYLOGFILE                        a file for the keys of TLS connections, as Wireshark reads them
  NO_COLOR                             text without colors

Exit status:
  0    ended as asked: --duration was over and every feed had been open, or every feed was closed in order
  1    a feed failed or was never open; the reason is on standard error
  2    wrong usage, or a text that is not a URL
  3    ended as asked, but the engine of --second-opinion differs
  130  interrupted (Ctrl-C); WebSockets are still closed with a handshake
  143  terminated; likewise
  129  the terminal was closed; likewise
A standard output that is closed ends it quietly.";

pub(super) const STATS_LONG_ABOUT: &str = "\
Measure feeds, and print the measures when they have ended, after --duration, or at Ctrl-C.

With -o json there is an object for each feed, one per line. An unknown value is absent. The fields:

  feed, url            a short name, and the URL with its secrets masked
  seconds              from the first record of any kind to the end
  records, bytes       events and messages, received and sent, and their payload bytes
  types                the number of payloads of each type
  rate                 mean (a second), and max_1s: the payloads of the busiest whole second
  interval_ms          p50, p90, p99, max of the times between received payloads, also across reconnections
  size_bytes           p50, p90, p99, max of the sizes of received payloads
  longest_silence_ms   the longest time without a received payload, from the first open to the end
  connections          connections that opened
  reconnects           how often the feed began to wait before it connected again
  time_to_open_ms      count, last, p50, max of the times from connecting to open
  open_ratio           the part of `seconds` in which the feed was open
  missed, repeated     events that never arrived, and events that arrived again, as the ids show
  rtt_ms               count, last, p50, max of the times from a ping of ours to its pong
  latency_ms           with --time-field: field, count, min, p50, p90, p99, max; offset_ms where the clocks differ, by
                       which the percentiles are corrected; whole_seconds where the server writes no parts of seconds
  sequences            with --sequence: field, key, missing, repeated, out_of_order of the keys with faults, worst first,
                       at most 100, and one entry without a key for all
  calls                with --lens: requests, unanswered ones, times to the answer, errors
  wire                 bytes of the frames of received messages, and ratio: the payloads' bytes as a multiple of them
  notes                sentences about figures that are limited

Percentiles are of nearest rank, within 1 %. Rate, intervals and sizes count received payloads only.";

pub(super) const STATS_AFTER: &str = "\
Examples:
  feedscope stats https://stream.wikimedia.org/v2/stream/recentchange --duration 60
  feedscope stats localhost:8080/events ws://localhost:8081/chat -o json --duration 10 | jq .rate
  feedscope stats capture.feedscope
  feedscope stats localhost:8080/events --time-field .sent_at --sequence .id --key .symbol --duration 10

Exit status:
  0    ended as asked: --duration was over and every feed had been open, or every feed was closed in order
  1    a feed failed or was never open; the reason is on standard error
  2    wrong usage, or a text that is not a URL
  130  interrupted (Ctrl-C); the measures are still printed
  143  terminated; likewise
  129  the terminal was closed; likewise";
pub(super) const RECORD_LONG_ABOUT: &str = "\
Record feeds to a file that survives a crash: at most the last second is missing then, and five seconds after a power
cut. It contains every record whole, with states and gaps. URLs are masked; headers, bodies and credentials of requests
are not in it. A terminal shows the progress on standard error. At the end, the measures of `feedscope stats` are printed
there, or with -o json as JSON on standard output.

The records are shown with `feedscope tail FILE`, and played to other programs with `feedscope serve FILE`.";

pub(super) const RECORD_AFTER: &str = "\
Examples:
  feedscope record https://stream.wikimedia.org/v2/stream/recentchange -O wiki.feedscope --duration 60
  feedscope record localhost:8080/events ws://localhost:8081/chat -O both.feedscope
  feedscope record localhost:8080/events -O long.feedscope --roll 1h
  feedscope record localhost:8080/events --parquet capture --roll 1h

Exit status:
  0    ended as asked: --duration was over and every feed had been open, or every feed was closed in order
  1    a feed failed or was never open; the disk is full; another program is recording to the file
  2    wrong usage, a text that is not a URL, or a file that exists
  130  interrupted (Ctrl-C); the file is complete
  143  terminated; the file is complete
  129  the terminal was closed; the file is complete";

pub(super) const SERVE_LONG_ABOUT: &str = "\
Play a recording as a real server, on loopback only. Prints a URL for each feed, one a line: http:// for an event stream
or lines, ws:// for a WebSocket. Runs until Ctrl-C.

Each client gets the whole recording from the start of its own connection, at the recorded pace: events with their
types and IDs, comments, retry, text and binary messages. States, gaps, notes and sent messages are not played.
`Last-Event-ID` resumes after that ID. After the last record, an event stream stays open in silence, and a WebSocket is
closed with the recorded code, or with 1000.";

pub(super) const SERVE_AFTER: &str = "\
Examples:
  feedscope serve capture.feedscope --port 8080
  feedscope serve capture.feedscope --speed 10 --loop
  feedscope serve capture.feedscope --drops
  feedscope serve capture.feedscope --allow-origin http://localhost:5173

Exit status:
  1    a file cannot be opened, or the port is taken
  2    wrong usage, or no such feed in the files
  130  interrupted (Ctrl-C)
  143  terminated";

pub(super) const CONVERT_LONG_ABOUT: &str = "\
Convert files with recorded feeds from one format into another. Several inputs become one output; feeds of the same
name become one feed. Files of any size are converted in bounded memory. The output gets its name when it is complete.

  feedscope  .feedscope        a recording, which loses only members and kinds that this version does not know
  ndjson     .ndjson, .jsonl   the lines of `feedscope tail`, after one line that describes each feed; loses monotonic
                               times. Lines of other programs are read as records of the kind `line`.
  sse        .sse              the text of an event stream, for one feed; loses times and states
  har        .har              an archive of browsers and proxies, which loses no more than a recording
  mcap       .mcap             for Foxglove and PlotJuggler, written only: a topic for each type of event
  parquet    .parquet, DIR/    for DuckDB, Polars and Spark, written only: one file, or one for each feed and day
  csv        .csv              a table with the fields of the lines, written only; loses types and guarded cells

Inputs may be compressed with gzip or Zstandard. An output whose name ends in .gz or .zst is compressed.
Remarks on what a format cannot contain are printed on standard error.";

pub(super) const CONVERT_AFTER: &str = "\
Examples:
  feedscope convert ticks.ndjson ticks.csv --columns price=.price,.symbol
  feedscope convert monday.ndjson.gz tuesday.ndjson.gz week.ndjson --where '.price > 100'
  feedscope tail localhost:8080/events --duration 60 | feedscope convert - events.sse
  feedscope convert capture.feedscope capture.feedscope.zst
  feedscope convert browser.har - --where is:text
  feedscope convert capture.feedscope ticks/ --columns price=.price
  feedscope convert ticks.ndjson - --to csv --since 2026-11-21T05:49:14Z

Exit status:
  0    converted
  1    an input cannot be read, or the output cannot be written
  2    wrong usage, an unknown format, an input that does not exist, or an output that exists
  130  interrupted (Ctrl-C); no part of the output is left
  143  terminated";

pub(super) const DEMO_LONG_ABOUT: &str = "\
Run the demo server alone, on loopback only: HTTP on port N, WebSocket on a second free port. Prints its URLs, one a
line, and runs until Ctrl-C. The last URL is where faults are ordered while it runs, with the token that it wants:
  curl -X POST 'http://127.0.0.1:N/control?token=TOKEN&do=drop'
What may be done: drop, refuse (&seconds=N), fault (&name=NAME), clear; the last two also for one feed (&feed=/PATH).";

/// Returns the help of `demo --fault`: every fault with the reaction of a well-behaved client.
pub(super) fn fault() -> String {
    use std::fmt::Write as _;
    let mut text =
        "Simulate this fault from the start, for every feed or for one; may be given several times\n\n\
        What a well-behaved client does:\n"
            .to_owned();
    for fault in demo_server::Fault::ALL {
        // Writing to a string cannot fail.
        writeln!(text, "  {:<11} {}", fault.to_string(), fault.expectation()).ok();
    }
    text.push_str("\nExample: feedscope demo --fault cut@/events --fault delay-100");
    text
}
