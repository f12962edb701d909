//! What of a device's deviations was taken, as counters for whoever watches: `benhan_device_forgiven_total`.

use benhan_device_codec::astm::frame::Forgiven;
use benhan_device_codec::mllp::Decoder;

/// Counts what is new since the last look.
#[derive(Debug, Default)]
pub struct Tally {
    told: Vec<u64>,
}

impl Tally {
    pub fn astm(&mut self, channel: &str, now: Forgiven) {
        self.tell(
            channel,
            &[
                ("no-checksum", now.no_checksum),
                ("wrong-number", now.wrong_number),
                ("no-enquiry", now.no_enquiry),
                ("no-line-feed", now.no_line_feed),
                ("no-number", now.no_number),
                ("line-feeds", now.line_feeds),
                ("several-records", now.several_records),
                ("whole-message", now.whole_message),
                ("unfinished-end", now.unfinished_end),
            ],
        );
    }

    pub fn mllp(&mut self, channel: &str, decoder: &Decoder) {
        self.tell(channel, &[("no-frame", decoder.unframed()), ("keep-alive", decoder.keep_alives())]);
    }

    fn tell(&mut self, channel: &str, counts: &[(&'static str, u64)]) {
        self.told.resize(counts.len(), 0);
        for ((what, now), told) in counts.iter().zip(&mut self.told) {
            let more = now.saturating_sub(*told);
            if more > 0 {
                *told = *now;
                metrics::counter!("benhan_device_forgiven_total", "channel" => channel.to_owned(), "what" => *what)
                    .increment(more);
            }
        }
    }
}
